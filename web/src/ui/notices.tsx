import { useEffect, useState } from "preact/hooks";

// Short news of what an action came to: shown at the foot of the page, and read out.
interface News {
  no: number;
  text: string;
  tone: "good" | "bad" | "plain";
}
let tellAll: ((news: News) => void) | null = null;
let count = 0;

export function tell(text: string, tone: News["tone"] = "plain"): void {
  tellAll?.({ no: ++count, text, tone });
}

export function Notices() {
  const [shown, setShown] = useState<News[]>([]);
  useEffect(() => {
    tellAll = (news) => {
      setShown((before) => [...before.slice(-2), news]);
      setTimeout(() => setShown((before) => before.filter((one) => one.no !== news.no)), 7000);
    };
    return () => {
      tellAll = null;
    };
  }, []);
  return (
    <div class="news" role="status" aria-live="polite">
      {shown.map((news) => (
        <p key={news.no} class={`news-line news-${news.tone}`}>
          {news.text}
        </p>
      ))}
    </div>
  );
}

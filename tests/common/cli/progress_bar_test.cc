#include "common/cli/progress_bar.h"

#include <sstream>

#include <catch2/catch.hpp>

#include "common/cli/table.h"

using namespace tally;
using namespace tally::cli;

namespace {

// What a terminal would show after the last redraw.
std::string last_line(const std::string& written) {
  std::string line = written.substr(written.rfind('\r') + 1);
  const auto erased = line.find("\x1b[K");
  return erased == std::string::npos ? line : line.substr(0, erased);
}

}  // namespace

TEST_CASE("progress on a terminal is one line with done, total, per cent, rate and time left") {
  std::ostringstream out;
  Time now{1'000};
  ProgressBar bar(out, {true, 80}, "posting", 8'000, [&] { return now; });
  bar.update(0);
  CHECK(out.str() == "\rposting  [--------------------]  0/8,000  0%\x1b[K");
  now.ms += 3'000;
  bar.update(1'200);
  CHECK(last_line(out.str()) == "posting  [###-----------------]  1,200/8,000  15%  400/s  17s left");
  now.ms += 17'000;
  bar.update(8'000);
  bar.finish();
  CHECK(out.str().ends_with("8,000/8,000  100%  400/s\x1b[K\n"));
  CHECK(out.str().find('\n') == out.str().size() - 1);
  const std::string before = out.str();
  bar.finish();
  CHECK(out.str() == before);
}

TEST_CASE("progress is drawn at most ten times a second, and the end always") {
  std::ostringstream out;
  Time now{0};
  ProgressBar bar(out, {true, 80}, "posting", 1'000, [&] { return now; });
  for (int i = 0; i < 1'000; ++i) {
    now.ms += 1;
    bar.update(i + 1);
  }
  bar.finish();
  const std::string text = out.str();
  CHECK(std::count(text.begin(), text.end(), '\r') <= 12);
  CHECK(last_line(text).find("1,000/1,000  100%") != std::string::npos);
}

TEST_CASE("elsewhere progress is a line for every tenth, or every ten seconds when it is slow") {
  std::ostringstream out;
  Time now{0};
  ProgressBar bar(out, {false, 80}, "posting", 1'000, [&] { return now; });
  for (int i = 0; i < 1'000; ++i) {
    now.ms += 100;
    bar.update(i + 1);
  }
  bar.finish();
  const std::string text = out.str();
  CHECK(std::count(text.begin(), text.end(), '\n') == 10);
  CHECK(text.starts_with("posting  100/1,000  10%"));
  CHECK(text.find('\r') == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);

  std::ostringstream quick_out;
  ProgressBar quick(quick_out, {false, 80}, "posting", 1'000, [&] { return now; });
  for (int i = 0; i < 1'000; ++i) quick.update(i + 1);
  quick.finish();
  CHECK(quick_out.str() == "posting  1,000/1,000  100%\n");

  std::ostringstream slow_out;
  ProgressBar slow(slow_out, {false, 80}, "posting", 1'000'000, [&] { return now; });
  for (int i = 0; i < 100; ++i) {
    now.ms += 1'000;
    slow.update(i + 1);
  }
  const std::string slow_text = slow_out.str();
  CHECK(std::count(slow_text.begin(), slow_text.end(), '\n') == 10);
  CHECK(slow_text.find("10/1,000,000  0%  1.0/s  11d13h left") != std::string::npos);
}

TEST_CASE("the rate is that of the last seconds, and does not count what an earlier run did") {
  std::ostringstream out;
  Time now{0};
  ProgressBar bar(
      out, {true, 100}, "posting", 100'000, [&] { return now; }, 50'000);
  now.ms += 1'000;
  bar.update(50'100);
  CHECK(last_line(out.str()).find("50,100/100,000  50%  100/s  8m19s left") != std::string::npos);
  for (int i = 1; i <= 30; ++i) {
    now.ms += 1'000;
    bar.update(50'100 + i * 10);
  }
  CHECK(last_line(out.str()).find("10/s") != std::string::npos);
}

TEST_CASE("a progress line is never wider than the terminal, whatever its label") {
  const std::string label = GENERATE("posting", "東京東京東京東京東京東京東京東京東京東京", "a\n\x1b[31mb");
  const std::size_t columns = GENERATE(1, 2, 10, 30, 60, 80, 200);
  std::ostringstream out;
  Time now{0};
  ProgressBar bar(out, {true, columns}, label, 1'000'000, [&] { return now; });
  now.ms += 7'000;
  bar.update(123'456);
  const std::string line = last_line(out.str());
  CHECK(display_width(line) <= std::max<std::size_t>(columns - 1, 1));
  CHECK(line.find('\x1b') == std::string::npos);
  CHECK(line.find('\n') == std::string::npos);
}

TEST_CASE("a progress line that is given up is ended, so that what is said next has a line of its own") {
  std::ostringstream out;
  {
    ProgressBar bar(out, {true, 80}, "posting", 10, [] { return Time{0}; });
    bar.update(1);
  }
  CHECK(out.str().ends_with("\x1b[K\n"));
}

TEST_CASE(
    "a suffix stands behind the progress, is new by itself, harmless, and outlives the bar where room is scarce") {
  std::ostringstream out;
  Time now{0};
  ProgressBar bar(out, {true, 80}, "tasks", 100, [&] { return now; });
  bar.update(10, "30 answers");
  CHECK(last_line(out.str()) == "tasks  [##------------------]  10/100  10%  30 answers");
  now.ms += 1'000;
  bar.update(10, "31 answers \x1b[2J\n");
  CHECK_THAT(last_line(out.str()), Catch::EndsWith("9s left  31 answers ␛[2J␊"));
  now.ms += 1'000;
  bar.update(10, "paid 102.00 of 600.00 USD for 31 answers");
  CHECK_THAT(last_line(out.str()), !Catch::Contains("[") && Catch::EndsWith("600.00 USD for 31 answers"));

  std::ostringstream elsewhere;
  ProgressBar lines(elsewhere, {false, 80}, "tasks", 100, [&] { return now; });
  lines.update(0, "paused");
  now.ms += 10'000;
  lines.update(0, "paused");
  now.ms += 10'000;
  lines.update(0, "paused");
  CHECK(elsewhere.str() == "tasks  0/100  0%  paused\n");
  lines.update(0, "");
  lines.finish();
  CHECK(elsewhere.str() == "tasks  0/100  0%  paused\ntasks  0/100  0%\n");
}

TEST_CASE("a progress line that was cleared comes back with the next update, and nothing of nothing is all of it") {
  std::ostringstream out;
  Time now{0};
  ProgressBar bar(out, {true, 80}, "x", 10, [&] { return now; });
  bar.update(1);
  bar.clear();
  CHECK(out.str().ends_with("\r\x1b[K"));
  bar.update(1);
  CHECK(last_line(out.str()).find("1/10") != std::string::npos);

  std::ostringstream none;
  ProgressBar empty(none, {false, 80}, "x", 0, [&] { return now; });
  empty.update(0);
  empty.finish();
  CHECK(none.str() == "x  0/0  100%\n");
}

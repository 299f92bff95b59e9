// What holds for every method that estimates texts. A new one is in the registry, and so in here.
#include "common/aggregation/texts/texts.h"

#include <algorithm>
#include <random>
#include <string_view>

#include <catch2/catch.hpp>

#include "common/aggregation/texts/word_errors.h"
#include "tests/common/aggregation/crowd.h"

using namespace tally::aggregation;
using namespace tally::aggregation::texts;
using tally::test::TwoBackwards;

namespace {

using Tasks = std::vector<std::vector<Answer>>;

Estimate estimate(const Method& method, const Tasks& tasks, std::int32_t workers) {
  OneWorker workforce;
  return method.estimate({tasks, workers}, workforce);
}

// Each text from a worker of its own.
Outcome outcome(std::string_view method, const std::vector<std::string_view>& texts) {
  Tasks tasks(1);
  for (const std::string_view text : texts) tasks[0].push_back({static_cast<std::int32_t>(tasks[0].size()), text});
  return estimate(*methods().find(method), tasks, static_cast<std::int32_t>(texts.size())).outcomes[0].value();
}

// A text of `length` words of a small language, and who writes it down with mistakes.
std::vector<std::string> any_words(std::mt19937_64& random, std::size_t length, std::uint64_t language) {
  std::vector<std::string> words(length);
  for (std::string& word : words) word = "w" + std::to_string(random() % language);
  return words;
}

std::string with_mistakes(const std::vector<std::string>& words, std::mt19937_64& random, std::uint64_t one_in) {
  std::string text;
  const auto append = [&text](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  for (const std::string& word : words) {
    if (random() % one_in != 0) {
      append(word);
      continue;
    }
    const std::uint64_t kind = random() % 3;
    if (kind == 0) continue;
    if (kind == 1) append(word);
    append("x" + std::to_string(random() % 5));
  }
  return text;
}

// The texts that answers refer to, kept for them.
struct Made {
  std::vector<std::string> truth;
  std::vector<std::vector<std::string>> texts;
  Tasks tasks;
};

Made any_crowd(std::mt19937_64& random, std::size_t tasks, std::int32_t workers, std::size_t words) {
  Made made;
  made.texts.resize(tasks);
  made.tasks.resize(tasks);
  for (std::size_t task = 0; task < tasks; ++task) {
    const std::vector<std::string> truth = any_words(random, words, 50);
    std::string& joined = made.truth.emplace_back();
    for (const std::string& word : truth) joined += (joined.empty() ? "" : " ") + word;
    for (std::int32_t worker = 0; worker < workers; ++worker) {
      made.texts[task].push_back(with_mistakes(truth, random, 2 + 2 * static_cast<std::uint64_t>(worker)));
    }
    for (std::int32_t worker = 0; worker < workers; ++worker) {
      made.tasks[task].push_back({worker, made.texts[task][static_cast<std::size_t>(worker)]});
    }
  }
  return made;
}

double error_rate(const Estimate& estimate, const std::vector<std::string>& truth) {
  WordErrors sum;
  for (std::size_t task = 0; task < truth.size(); ++task) {
    const WordErrors found = word_errors(truth[task], estimate.outcomes[task]->text);
    sum.errors += found.errors;
    sum.words += found.words;
  }
  return static_cast<double>(sum.errors) / static_cast<double>(sum.words);
}

}  // namespace

TEST_CASE("an estimate of texts does not see the order of the answers, to the last bit") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(1);
    for (int i = 0; i < 30; ++i) {
      Made made = any_crowd(random, 10, 1 + static_cast<std::int32_t>(random() % 6), random() % 12);
      const Estimate before = estimate(*method, made.tasks, 6);
      for (std::vector<Answer>& answers : made.tasks) std::shuffle(answers.begin(), answers.end(), random);
      REQUIRE(estimate(*method, made.tasks, 6) == before);
    }
  }
}

TEST_CASE("an estimate of texts does not see how workers are numbered") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(9);
    for (int i = 0; i < 30; ++i) {
      Made made = any_crowd(random, 10, 6, random() % 12);
      const Estimate before = estimate(*method, made.tasks, 6);
      const auto worker_of = tally::test::shuffled(6, random);
      for (std::vector<Answer>& answers : made.tasks) {
        for (Answer& answer : answers) answer.worker = worker_of[static_cast<std::size_t>(answer.worker)];
      }
      const Estimate after = estimate(*method, made.tasks, 6);
      REQUIRE(after.outcomes == before.outcomes);
      REQUIRE(after.skill.size() == before.skill.size());
      for (std::size_t worker = 0; worker < before.skill.size(); ++worker) {
        REQUIRE(after.skill[static_cast<std::size_t>(worker_of[worker])] == Approx(before.skill[worker]));
      }
    }
  }
}

TEST_CASE("an estimate of texts is the same with another thread in another order, to the last bit") {
  for (const Method* method : methods()) {
    INFO(method->name);
    std::mt19937_64 random(2);
    const Made made = any_crowd(random, 300, 4, 6);
    TwoBackwards workforce;
    REQUIRE(method->estimate({made.tasks, 4}, workforce) == estimate(*method, made.tasks, 4));
  }
}

TEST_CASE("no tasks give no texts, and a task without answers has none") {
  for (const Method* method : methods()) {
    INFO(method->name);
    REQUIRE(estimate(*method, {}, 0).outcomes.empty());
    const Estimate found = estimate(*method, {{}, {{0, "a"}}, {}}, 1);
    REQUIRE(found.outcomes.size() == 3);
    REQUIRE_FALSE(found.outcomes[0].has_value());
    REQUIRE(found.outcomes[1]->text == "a");
    REQUIRE_FALSE(found.outcomes[2].has_value());
  }
}

TEST_CASE("one answer, and one that all give, is the text as it was written") {
  for (const Method* method : methods()) {
    INFO(method->name);
    for (const std::string_view text : {"To be, or not: to be?", "x", "Größe — 日本", "...", "", "a a a a"}) {
      for (const std::size_t count : {1U, 2U, 5U}) {
        const Outcome found = outcome(method->name, std::vector<std::string_view>(count, text));
        REQUIRE(found.text == text);
        REQUIRE(found.support == 1);
      }
    }
  }
}

TEST_CASE("what two of three give is the text, whatever the third gives") {
  for (const Method* method : methods()) {
    INFO(method->name);
    for (const std::string_view third : {"", "the cat", "a dog barked at the moon last night"}) {
      const Outcome found = outcome(method->name, {"the cat sat", third, "the cat sat"});
      REQUIRE(found.text == "the cat sat");
      REQUIRE((found.support >= 0.6 && found.support <= 1));
    }
  }
}

TEST_CASE("two texts that share nothing are a tie that goes to the first by text") {
  for (const Method* method : methods()) {
    INFO(method->name);
    const Outcome found = outcome(method->name, {"red green", "blue grey"});
    REQUIRE(found.text == "blue grey");
    REQUIRE(found.support == 0.5);
  }
}

TEST_CASE("empty answers are answers") {
  for (const Method* method : methods()) {
    INFO(method->name);
    REQUIRE(outcome(method->name, {"", "", "word"}).text.empty());
    REQUIRE(outcome(method->name, {" ", "word", "word"}).text == "word");
  }
}

TEST_CASE("a worker who answers a text again is counted again") {
  for (const Method* method : methods()) {
    INFO(method->name);
    const Estimate found = estimate(*method, {{{0, "b"}, {1, "a"}, {0, "b"}}}, 2);
    REQUIRE(found.outcomes[0]->text == "b");
  }
}

TEST_CASE("texts too long and answers of no worker are refused by fits()") {
  const std::string longest(text_bytes_max, 'a');
  const std::string too_long(text_bytes_max + 1, 'a');
  const auto fits_one = [](Answer answer) {
    const Tasks tasks{{answer}};
    return fits({tasks, 1});
  };
  CHECK(fits_one({0, longest}));
  CHECK_FALSE(fits_one({0, too_long}));
  CHECK_FALSE(fits_one({1, "a"}));
  CHECK_FALSE(fits_one({-1, "a"}));
}

TEST_CASE("a million texts are estimated, or a fifth of them where they are laid over each other") {
  std::mt19937_64 random(3);
  const Made made = any_crowd(random, 1'000, 5, 3);
  for (const Method* method : methods()) {
    INFO(method->name);
    // A task of five takes rover twenty comparisons and medoid fifteen: with sanitizers a million take a minute.
    const std::size_t count = method->name == "exact" ? 200'000 : 40'000;
    Tasks tasks;  // The same thousand over and over, of which the texts are kept once.
    std::vector<std::string> truth;
    for (std::size_t task = 0; task < count; ++task) {
      tasks.push_back(made.tasks[task % 1'000]);
      truth.push_back(made.truth[task % 1'000]);
    }
    CHECK(error_rate(estimate(*method, tasks, 5), truth) < 0.35);
  }
}

TEST_CASE("texts of a hundred thousand bytes are estimated") {
  std::mt19937_64 random(4);
  const std::vector<std::string> truth = any_words(random, 20'000, 1'000);
  std::vector<std::string> texts;
  for (int i = 0; i < 3; ++i) {
    texts.push_back(with_mistakes(truth, random, 1'000));
    texts.back().resize(std::min(texts.back().size(), text_bytes_max));
  }
  std::string joined;
  for (const std::string& word : truth) joined += word + " ";
  joined.resize(std::min(joined.size(), text_bytes_max));
  for (const Method* method : methods()) {
    INFO(method->name);
    const Outcome found = outcome(method->name, {texts[0], texts[1], texts[2]});
    CHECK(word_error_rate(joined, found.text) < (method->name == "rover" ? 0.0005 : 0.002));
  }
}

TEST_CASE("five texts of a hundred thousand bytes that share nothing take bounded work, and the estimate says so") {
  std::vector<std::string> texts(5);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    while (texts[i].size() < text_bytes_max) texts[i] += {static_cast<char>('a' + i), ' '};
    texts[i].pop_back();
  }
  for (const Method* method : methods()) {
    INFO(method->name);
    const Outcome found = outcome(method->name, {texts[0], texts[1], texts[2], texts[3], texts[4]});
    CHECK((found.text == texts[0]));  // In brackets: nobody wants to read it.
    CHECK(found.support == Approx(0.2));
    CHECK(found.cells <= 400'000'000);
    CHECK(found.is_exact == (method->name == "exact"));
  }
}

TEST_CASE("long texts with many mistakes are mended by rover, and do not depend on the order of the answers") {
  std::mt19937_64 random(8);
  const std::vector<std::string> truth = any_words(random, 4'000, 2'000);
  std::vector<std::string> texts(3);
  for (std::string& text : texts) text = with_mistakes(truth, random, 12);
  std::string joined;
  for (const std::string& word : truth) joined += (joined.empty() ? "" : " ") + word;
  Tasks tasks{{{0, texts[0]}, {1, texts[1]}, {2, texts[2]}}};
  const Estimate before = estimate(*methods().find("rover"), tasks, 3);
  CHECK_FALSE(before.outcomes[0]->is_exact);
  CHECK(word_error_rate(joined, texts[0]) > 0.08);
  CHECK(word_error_rate(joined, before.outcomes[0]->text) < 0.025);
  std::reverse(tasks[0].begin(), tasks[0].end());
  CHECK((estimate(*methods().find("rover"), tasks, 3) == before));
}

TEST_CASE("rover mends what no single answer has right") {
  const Outcome found = outcome("rover", {"the cat sat on a mat", "the cat sit on the mat", "a cat sat on the mat"});
  CHECK(found.text == "the cat sat on the mat");
  // One word of six wrong in each.
  CHECK(found.support == Approx(5.0 / 6));
}

TEST_CASE("rover leaves out a word that most do not have, and puts in one that most have") {
  CHECK(outcome("rover", {"so he did go", "he did go", "he did go"}).text == "he did go");
  CHECK(outcome("rover", {"he did go home", "he did go home", "he did go"}).text == "he did go home");
}

TEST_CASE("rover votes without case and punctuation, and writes a place as most wrote it there") {
  CHECK(outcome("rover", {"The end, the end.", "the end the end.", "The end, the End"}).text == "The end, the end.");
}

TEST_CASE("rover gives more weight to who agrees with the crowd elsewhere") {
  // Worker 0 is right in ten tasks with 1 and 2, where 3 and 4 each write something of their own. In the last task the
  // two of them agree against 0.
  Tasks tasks;
  for (int i = 0; i < 10; ++i) {
    tasks.push_back({{0, "one two three four"},
                     {1, "one two three four"},
                     {2, "one two three four"},
                     {3, "five six seven eight"},
                     {4, "nine ten eleven twelve"}});
  }
  tasks.push_back({{0, "apple"}, {3, "pear"}, {4, "pear"}});
  const Estimate found = estimate(*methods().find("rover"), tasks, 5);
  CHECK(found.skill[0] > 0.9);
  CHECK(found.skill[3] < 0.3);
  CHECK(found.outcomes[10]->text == "apple");
  CHECK(estimate(*methods().find("medoid"), tasks, 5).outcomes[10]->text == "pear");
}

TEST_CASE("workers of rover are told apart by their mistakes, and its texts are better than the medoid's") {
  std::mt19937_64 random(5);
  const Made made = any_crowd(random, 300, 5, 12);
  const Estimate found = estimate(*methods().find("rover"), made.tasks, 5);
  for (std::size_t worker = 1; worker < 5; ++worker) CHECK(found.skill[worker - 1] < found.skill[worker]);
  CHECK(error_rate(found, made.truth) <
        0.6 * error_rate(estimate(*methods().find("medoid"), made.tasks, 5), made.truth));
}

TEST_CASE("the medoid is the answer with the least distance to the others") {
  // To each other: 1 and 2; 1 and 1; 2 and 1.
  const Outcome found = outcome("medoid", {"a b x", "a b c", "a y c"});
  CHECK(found.text == "a b c");
  CHECK(found.support == Approx((2.0 / 3 + 1 + 2.0 / 3) / 3));
}

TEST_CASE("exact counts spellings together and gives the most frequent") {
  const Outcome found = outcome("exact", {"Hello, world!", "hello,  world", " Hello, world! ", "Hello, world!", "Bye"});
  CHECK(found.text == "Hello, world!");
  CHECK(found.support == 0.8);
  CHECK(outcome("exact", {"it's", "its", "\"It's\""}).text == "\"It's\"");  // A quote comes before a letter.
  CHECK(outcome("exact", {"( yes )", "yes", "no"}).support == Approx(2.0 / 3));
}

TEST_CASE("a word error rate counts words without case and punctuation by the words of the truth") {
  CHECK(word_error_rate("the cat sat", "The cat sat.") == 0);
  CHECK(word_error_rate("the cat sat", "the bat sat") == Approx(1.0 / 3));
  CHECK(word_error_rate("the cat sat", "") == 1);
  CHECK(word_error_rate("it's well-known", "it's well known") == 0);
  CHECK(word_error_rate("a b", "c d e f") == 2);
  CHECK(word_error_rate("", "") == 0);
  CHECK(word_error_rate("", "a b") == 2);
  CHECK(word_errors("the cat sat", "cat sat down").errors == 2);
  CHECK(word_errors("the cat sat", "cat sat down").words == 3);
}

TEST_CASE("methods for texts are found by their names, and rover is for those who name none") {
  tally::test::check_list(methods(), "rover");
}

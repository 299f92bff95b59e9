#include "common/aggregation/texts/words.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "common/aggregation/texts/edit_distance.h"
#include "common/base/assert.h"

namespace tally::aggregation::texts {
namespace {

// Not those of <cctype>: they ask the locale.
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
bool is_letter_or_digit(char c) {
  return !is_ascii(c) || is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool is_punctuation(char c) { return c > ' ' && c <= '~' && !is_letter_or_digit(c); }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string key_of(std::string_view word) {
  std::string_view bare = word;
  while (!bare.empty() && is_punctuation(bare.front())) bare.remove_prefix(1);
  while (!bare.empty() && is_punctuation(bare.back())) bare.remove_suffix(1);
  std::string key(bare.empty() ? word : bare);
  for (char& c : key) c = lower(c);
  return key;
}

std::vector<std::string_view> spaced_words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t first =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_space) - text.begin());
    text.remove_prefix(first);
    const std::size_t size = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_space) - text.begin());
    if (size > 0) words.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return words;
}

std::vector<std::string> bare_words(std::string_view text) {
  std::vector<std::string> words;
  bool is_inside = false;
  for (const char c : text) {
    const bool is_of_word = is_letter_or_digit(c) || c == '\'';
    if (is_of_word && !is_inside) words.emplace_back();
    if (is_of_word) words.back() += lower(c);
    is_inside = is_of_word;
  }
  return words;
}

Sheet sheet_of(std::span<const Answer> answers) {
  Sheet sheet;
  std::map<std::string, std::int32_t> number_of;
  for (const Answer& answer : answers) {
    Sheet::Line& line = sheet.lines.emplace_back();
    line.answer = answer;
    line.forms = spaced_words(answer.text);
    line.words.reserve(line.forms.size());
    for (const std::string_view form : line.forms) {
      const auto next = static_cast<std::int32_t>(number_of.size());
      line.words.push_back(number_of.try_emplace(key_of(form), next).first->second);
    }
  }
  sheet.keys = static_cast<std::int32_t>(number_of.size());
  // Numbers are given as keys come, so they do depend on the order: nothing but equality may be asked of them.
  for (std::size_t a = 0; a < sheet.lines.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const std::int64_t distance = edit_distance(sheet.lines[a].words, sheet.lines[b].words);
      sheet.lines[a].distance += distance;
      sheet.lines[b].distance += distance;
    }
  }
  std::sort(sheet.lines.begin(), sheet.lines.end(), [](const Sheet::Line& a, const Sheet::Line& b) {
    return std::tie(a.distance, a.answer.text, a.answer.worker) < std::tie(b.distance, b.answer.text, b.answer.worker);
  });
  return sheet;
}

double likeness_to(std::span<const std::int32_t> words, const Sheet& sheet) {
  TALLY_ASSERT(!sheet.lines.empty());
  double sum = 0;
  for (const Sheet::Line& line : sheet.lines) {
    const auto longer = static_cast<double>(std::max({words.size(), line.words.size(), std::size_t{1}}));
    sum += 1 - static_cast<double>(edit_distance(words, line.words)) / longer;
  }
  return sum / static_cast<double>(sheet.lines.size());
}

void for_each_task(std::size_t tasks, Workforce& workforce, const std::function<void(std::size_t task)>& work) {
  constexpr std::size_t part_tasks = 64;
  const std::size_t parts = (tasks + part_tasks - 1) / part_tasks;
  workforce.run(static_cast<int>(parts), [&](int part) {
    const std::size_t first = static_cast<std::size_t>(part) * part_tasks;
    const std::size_t end = std::min(first + part_tasks, tasks);
    for (std::size_t task = first; task < end; ++task) work(task);
  });
}

}  // namespace tally::aggregation::texts

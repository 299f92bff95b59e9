#include "common/aggregation/texts/words.h"

#include <algorithm>
#include <map>
#include <tuple>

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
  for (const Answer& answer : answers) sheet.lines.push_back({answer, {}, {}, 0});
  // In an order of their own: which of two texts comes first may matter where they are compared roughly.
  std::sort(sheet.lines.begin(), sheet.lines.end(), [](const Sheet::Line& a, const Sheet::Line& b) {
    return std::tie(a.answer.text, a.answer.worker) < std::tie(b.answer.text, b.answer.worker);
  });
  std::map<std::string, std::int32_t> number_of;
  for (Sheet::Line& line : sheet.lines) {
    line.forms = spaced_words(line.answer.text);
    line.words.reserve(line.forms.size());
    for (const std::string_view form : line.forms) {
      const auto next = static_cast<std::int32_t>(number_of.size());
      line.words.push_back(number_of.try_emplace(key_of(form), next).first->second);
    }
  }
  for (std::size_t a = 0; a < sheet.lines.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const Comparison found = compare(PlainWords(sheet.lines[a].words), sheet.lines[b].words, false);
      sheet.lines[a].distance += found.distance;
      sheet.lines[b].distance += found.distance;
      sheet.effort.add(found);
    }
  }
  std::stable_sort(sheet.lines.begin(), sheet.lines.end(),
                   [](const Sheet::Line& a, const Sheet::Line& b) { return a.distance < b.distance; });
  return sheet;
}

double likeness_to(std::span<const std::int32_t> words, const Sheet& sheet, Effort& effort) {
  TALLY_ASSERT(!sheet.lines.empty());
  double sum = 0;
  for (const Sheet::Line& line : sheet.lines) {
    const Comparison found = compare(PlainWords(words), line.words, false);
    const auto longer = static_cast<double>(std::max({words.size(), line.words.size(), std::size_t{1}}));
    sum += 1 - static_cast<double>(found.distance) / longer;
    effort.add(found);
  }
  return sum / static_cast<double>(sheet.lines.size());
}

}  // namespace tally::aggregation::texts

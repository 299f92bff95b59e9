#include "worker-client/option_entry.h"

#include <algorithm>
#include <optional>

#include "common/cli/safe_text.h"
#include "common/cli/table.h"

namespace tally::worker {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = lower(c);
  return made;
}

// 0 is a, 25 is z, 26 is aa.
std::string letters(std::size_t i) {
  std::string made(1, static_cast<char>('a' + i % 26));
  return i < 26 ? made : letters(i / 26 - 1) + made;
}

std::string shown(std::string_view text) { return cli::fitted(cli::safe_for_terminal(text, false), 40); }

std::string what_can_be_entered(std::span<const std::string> labels) {
  return "enter " + labels.front() + " to " + labels.back() + ", or an option's text";
}

std::optional<std::size_t> find_option(std::span<const std::string> options, std::string_view entry) {
  const auto index = [](auto range, auto found) { return static_cast<std::size_t>(found - range.begin()); };
  const auto exact = std::find(options.begin(), options.end(), entry);
  if (exact != options.end()) return index(options, exact);
  const std::string small = lower(entry);
  const std::vector<std::string> labels = option_labels(options);
  const auto label = std::find(labels.begin(), labels.end(), small);
  if (label != labels.end()) return static_cast<std::size_t>(label - labels.begin());
  const auto is_like = [&](const std::string& option) { return lower(option) == small; };
  if (std::count_if(options.begin(), options.end(), is_like) != 1) return std::nullopt;
  return index(options, std::find_if(options.begin(), options.end(), is_like));
}

std::vector<std::string_view> pieces_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t end = text.find_first_of(separators);
    if (const std::string_view piece = trimmed(text.substr(0, end)); !piece.empty()) pieces.push_back(piece);
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view spaces = " \t\r\n";
  const std::size_t first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

std::vector<std::string> option_labels(std::span<const std::string> options) {
  const auto is_number = [](const std::string& option) { return std::all_of(option.begin(), option.end(), is_digit); };
  const auto is_word = [](const std::string& option) {
    return option.size() <= 2 && std::all_of(option.begin(), option.end(), is_letter);
  };
  const bool numbers = std::none_of(options.begin(), options.end(), is_number);
  const bool words = std::none_of(options.begin(), options.end(), is_word);
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (numbers) {
      labels.push_back(std::to_string(i + 1));
    } else {
      labels.push_back(words ? letters(i) : "#" + std::to_string(i + 1));
    }
  }
  return labels;
}

Result<std::string, std::string> option_from(std::span<const std::string> options, std::string_view entry) {
  if (const auto found = find_option(options, trimmed(entry))) return options[*found];
  return Unexpected{"'" + shown(trimmed(entry)) + "' is none of the options; " +
                    what_can_be_entered(option_labels(options))};
}

Result<std::vector<std::string>, std::string> options_from(std::span<const std::string> options,
                                                           std::string_view entry) {
  if (trimmed(entry).empty()) return std::vector<std::string>();
  if (const auto one = find_option(options, trimmed(entry))) return std::vector<std::string>{options[*one]};
  // The first kind of separator by which every piece is an option: options may hold blanks and commas themselves.
  std::string_view stranger;
  for (const std::string_view separators : {";", ",", ",; \t"}) {
    std::vector<std::string> chosen;
    bool all = true;
    for (const std::string_view piece : pieces_of(entry, separators)) {
      const auto found = find_option(options, piece);
      if (!found) {
        stranger = piece;
        all = false;
        break;
      }
      if (std::count(chosen.begin(), chosen.end(), options[*found]) == 0) chosen.push_back(options[*found]);
    }
    if (all) return chosen;
  }
  return Unexpected{"'" + shown(stranger) + "' is none of the options; " + what_can_be_entered(option_labels(options)) +
                    "; several with commas between them"};
}

}  // namespace tally::worker

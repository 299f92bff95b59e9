#include "schemas/time.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

#include "schemas/ids.h"

namespace tally {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;
constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
    {{"d", ms_per_day}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
  }
  const auto number = whole_number_from(text.substr(at, count));
  if (!number) return std::nullopt;
  return static_cast<int>(*number);
}

}  // namespace

std::string to_text(Time t) {
  const std::chrono::sys_time<std::chrono::milliseconds> moment{std::chrono::milliseconds{t.ms}};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{moment - day};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", int{date.year()}, unsigned{date.month()},
                unsigned{date.day()}, static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return text.data();
}

std::optional<Time> time_from(std::string_view text) {
  const bool with_clock = text.size() == 20 && text[10] == 'T' && text[13] == ':' && text[16] == ':' && text[19] == 'Z';
  if (text.size() != 10 && !with_clock) return std::nullopt;
  if (text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day || *year < 1970) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  std::int64_t ms = std::chrono::sys_days{date}.time_since_epoch().count() * ms_per_day;
  if (with_clock) {
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    const auto second = digits(text, 17, 2);
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    ms += *hour * 3'600'000LL + *minute * 60'000LL + *second * 1000LL;
  }
  return Time{ms};
}

std::optional<Duration> duration_from(std::string_view text) {
  const auto unit_at = text.find_first_not_of("0123456789");
  if (unit_at == std::string_view::npos) return std::nullopt;
  const auto number = whole_number_from(text.substr(0, unit_at));
  if (!number || *number == 0) return std::nullopt;
  for (const auto& [name, ms] : units) {
    if (text.substr(unit_at) != name) continue;
    if (*number > 3650 * ms_per_day / ms) return std::nullopt;
    return Duration{*number * ms};
  }
  return std::nullopt;
}

std::string to_text(Duration d) {
  for (const auto& [name, ms] : units) {
    if (d.ms != 0 && d.ms % ms == 0) return std::to_string(d.ms / ms) + std::string(name);
  }
  return "0s";
}

}  // namespace tally

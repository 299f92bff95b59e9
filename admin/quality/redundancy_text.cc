#include "admin/quality/redundancy_text.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "common/base/decimal.h"
#include "common/cli/program.h"
#include "common/project/check_spec.h"

namespace tally::admin::quality {
namespace {

[[noreturn]] void fail(const std::string& what) {
  cli::fail_usage(what +
                  "; write --redundancy like min=3,max=7,quorum=2 or min=3,max=7,theta=0.99 or "
                  "min=3,max=9,confidence=0.95");
}

std::int32_t count_in(const std::string& name, const std::string& text) {
  const auto number = whole_number_from(text);
  if (!number || *number < 1 || *number > redundancy_max) {
    fail(name + " must be a whole number from 1 to " + std::to_string(redundancy_max) + ", not '" + text + "'");
  }
  return static_cast<std::int32_t>(*number);
}

std::int64_t probability_in(const std::string& name, const std::string& text, std::int64_t min, std::int64_t max) {
  const auto ppm = decimal_e6_from(text);
  if (!ppm || *ppm < min || *ppm > max) {
    fail(name + " must be from " + decimal_text(min) + " to " + decimal_text(max) + ", not '" + text + "'");
  }
  return *ppm;
}

void set(Redundancy& redundancy, const std::string& name, const std::string& value) {
  if (name == "min") {
    redundancy.min = count_in(name, value);
  } else if (name == "max") {
    redundancy.max = count_in(name, value);
  } else if (name == "quorum") {
    redundancy.quorum = count_in(name, value);
  } else if (name == "theta") {
    redundancy.theta_ppm = probability_in(name, value, theta_ppm_min, theta_ppm_max);
  } else if (name == "confidence") {
    redundancy.confidence_ppm = probability_in(name, value, confidence_ppm_min, confidence_ppm_max);
  } else {
    fail("'" + name + "' is nothing of a redundancy, which has min, max, quorum, theta and confidence");
  }
}

// The names that were set.
std::set<std::string> set_all(Redundancy& redundancy, std::string_view rest) {
  std::set<std::string> names;
  while (true) {
    const std::size_t comma = rest.find(',');
    const std::string pair(rest.substr(0, comma));
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) fail("'" + pair + "' is no name=value");
    const std::string name = pair.substr(0, equals);
    if (!names.insert(name).second) fail(name + " is there twice");
    set(redundancy, name, pair.substr(equals + 1));
    if (comma == std::string_view::npos) return names;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace

Redundancy redundancy_from(const std::string& text, const ProjectSpec& spec) {
  Redundancy redundancy = spec.redundancy;
  redundancy.theta_ppm = 0;
  redundancy.confidence_ppm = 0;
  redundancy.audit_ppm = 0;
  const std::set<std::string> named = set_all(redundancy, text);
  if (named.contains("theta") && named.contains("confidence")) fail("theta and confidence: ask for one of them");
  // What was left out follows what was said.
  if (!named.contains("max")) redundancy.max = std::max(redundancy.max, redundancy.min);
  if (!named.contains("min")) redundancy.min = std::min(redundancy.min, redundancy.max);
  if (!named.contains("quorum")) redundancy.quorum = std::min(redundancy.quorum, redundancy.max);
  ProjectSpec trial = spec;
  trial.redundancy = redundancy;
  trial.deadline_ms = 0;
  const auto sound = project::check_spec(trial, Time{});
  if (!sound) fail(sound.error().detail);
  return redundancy;
}

std::string to_words(const Redundancy& redundancy) {
  std::string text = "min=" + std::to_string(redundancy.min) + ",max=" + std::to_string(redundancy.max) +
                     ",quorum=" + std::to_string(redundancy.quorum);
  if (redundancy.theta_ppm > 0) text += ",theta=" + decimal_text(redundancy.theta_ppm);
  if (redundancy.confidence_ppm > 0) text += ",confidence=" + decimal_text(redundancy.confidence_ppm);
  return text;
}

}  // namespace tally::admin::quality

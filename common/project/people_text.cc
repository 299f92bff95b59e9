#include "common/project/people_text.h"

#include <cstdint>

#include "common/base/decimal.h"

namespace tally::project {
namespace {

constexpr std::int64_t million = 1'000'000;

std::string percent(std::int64_t ppm) { return decimal_text(ppm * 100) + "%"; }

std::string counted(std::int64_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

}  // namespace

std::vector<std::string> texts_of(const Requirements& require) {
  std::vector<std::string> texts;
  for (const QualificationNeed& need : require.qualifications) {
    texts.push_back("the qualification '" + need.name + "'" +
                    (need.score_min > 0 ? " with a score of " + std::to_string(need.score_min) + " or more" : ""));
  }
  if (require.judged_min > 0) {
    texts.push_back(counted(require.judged_min, "answer") + " that a verdict judged, over all projects");
  }
  if (require.agreement_ppm > 0) {
    texts.push_back("agreement of such answers with the verdict: " + percent(require.agreement_ppm) + " or more");
  }
  if (require.gold_ppm > 0) {
    texts.push_back(percent(require.gold_ppm) + " right of the tasks with a known answer, once " +
                    std::to_string(require.gold_after) + " of them were answered");
  }
  return texts;
}

std::string text_of(const Training& training) {
  const auto tasks = static_cast<std::int64_t>(training.tasks.size());
  if (tasks == 0) return {};
  const std::int64_t right_min = (tasks * training.pass_ppm + million - 1) / million;
  std::string text = counted(tasks, "task") + ", unpaid; " + std::to_string(right_min) + " right pass; at most " +
                     counted(training.rounds_max, "round");
  if (!training.grants.empty()) text += "; who passes is given the qualification '" + training.grants + "'";
  return text;
}

}  // namespace tally::project

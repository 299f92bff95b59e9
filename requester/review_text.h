#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/messages/requester.h"
#include "schemas/project_spec.h"

namespace tally::requester {

// One answer as the requester sees it to judge: the item as the worker saw it, and what the worker entered. Safe for
// the terminal. REQUIRES an item with a value per column.
[[nodiscard]] std::string review_text(const ProjectSpec& spec, const ResultRow& task, const AnswerRow& answer);

// Those of a task that wait for the requester.
[[nodiscard]] std::vector<AnswerRow> under_review(const ResultRow& task);

enum class Judgement { approve, reject, skip, stop };
// "a", "Reject", " s ", "q": the word or its first letter, in any case.
[[nodiscard]] std::optional<Judgement> judgement_from(std::string_view line);

}  // namespace tally::requester

#pragma once

#include <span>
#include <string>

#include "schemas/messages/requester.h"
#include "schemas/messages/worker.h"

// What the commands print. Others' texts are made safe here.
namespace tally::worker {

// A line for each project: number, title, pay, open tasks, deadline.
[[nodiscard]] std::string projects_text(std::span<const ProjectRow> rows, const std::string& currency);
// The whole of one project: what is asked, what it pays and under which rule, the form.
[[nodiscard]] std::string project_text(const ProjectDescription& description, const std::string& currency);
// The task's id, or where workers are not told which it is, its assignment's.
[[nodiscard]] std::string name_of(const TaskOffer& offer);
// An item as the template shows it, between rules. REQUIRES values that usable() accepts.
[[nodiscard]] std::string item_text(const ProjectSpec& spec, std::span<const std::string> values);
// Sums first, then the rows of all pages.
[[nodiscard]] std::string earnings_text(const EarningsPage& sums, std::span<const EarningsRow> rows,
                                        const std::string& currency);
// In words: when an answer is paid.
[[nodiscard]] std::string_view pay_rule(PayPolicy pay);

}  // namespace tally::worker

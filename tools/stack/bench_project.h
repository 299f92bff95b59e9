#pragma once

#include <cstdint>
#include <string>

#include "schemas/money.h"
#include "schemas/project_spec.h"

// The project that the benches work on: one choice, and items of one short sentence.
namespace tally::stack {

[[nodiscard]] inline ProjectSpec bench_spec(Redundancy redundancy) {
  ProjectSpec spec;
  spec.title = "Bench";
  spec.item_template = "${text}";
  spec.columns = {{"text"}};
  spec.form = {{.name = "answer", .type = "choice", .label = "Yes?", .options = {"yes", "no"}}};
  spec.reward = Micros{10'000};
  spec.redundancy = redundancy;
  return spec;
}

[[nodiscard]] inline Item bench_item(std::int64_t no) {
  return {{"Is sentence number " + std::to_string(no) + " true?"}, {}};
}

[[nodiscard]] inline AnswerValues bench_answer() { return {{"answer", {"yes"}}}; }

}  // namespace tally::stack

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "admin/asker.h"
#include "schemas/messages.h"
#include "schemas/project_spec.h"

// Projects as a broker would give them, made up: a crowd of known skill, played under the project's own policy.
namespace tally::test {

struct MadePlan {
  Redundancy redundancy{3, 5, 2};
  std::vector<std::string> options{"robin", "wren"};
  std::int32_t tasks = 200;
  std::int32_t gold = 0;       // The first tasks.
  std::vector<double> skills;  // By worker, whose account is 33 and up; the rest answers another option.
  std::int32_t answers_max = 5;
  std::int32_t parts = 1;
  // Workers, by place, who give the wrong answers of the one before them.
  std::vector<std::size_t> copies;
};

struct MadeProject {
  ProjectId id{17};
  ProjectSpec spec;
  std::vector<ResultRow> rows;
  std::vector<std::string> truth;  // By row.
};

[[nodiscard]] MadeProject made_project(const MadePlan& plan, unsigned seed);

// All answers of this account took so long.
void give_time(MadeProject& project, AccountId worker, std::int64_t took_ms);

// A row with the answers of one field, given by accounts 33 and up, one each.
[[nodiscard]] ResultRow row_of(std::int32_t task, const std::string& field, const std::vector<std::string>& answers);

// A broker that has this project alone, and gives its results `page` rows at a time. Borrows it.
[[nodiscard]] admin::Asker asker_of(const MadeProject& project, std::size_t page = 50);

}  // namespace tally::test

#pragma once

#include <string>

#include <catch2/catch.hpp>

#include "common/codec/messages_codec.h"
#include "tests/broker/storage/stage.h"

// What the tests of the readers have in common.
namespace tally::storage::testing {

inline constexpr Role worker_role = Role::worker;

// Which bird, and in one's own words why; how many, and where.
inline ProjectSpec birds() {
  ProjectSpec spec = core::simple_spec();
  spec.form.push_back({"why", "text", "Why?", false, {}, {}});
  spec.form.push_back({"count", "number", "How many?", false, {}, {}});
  spec.form.push_back({"where", "choices", "Where?", false, {"left", "middle", "right"}, {}});
  return spec;
}

inline AnswerValues bird(const std::string& name) { return {{"bird", {name}}}; }
inline AnswerValues bird(const std::string& name, const std::string& why) { return {{"bird", {name}}, {"why", {why}}}; }

inline core::Limits small_parts(std::int64_t size) {
  core::Limits limits;
  limits.part_size = size;
  return limits;
}

inline GetResults results_of(ProjectId project, bool answers = false) {
  GetResults request;
  request.project = project;
  request.answers = answers;
  return request;
}

template <class Row>
std::string json(const Row& row, auto page) {
  page.rows = {row};
  return codec::to_json(Reply(page)).dump();
}

// The whole list is the same, however it is cut into pages.
template <class Request>
auto same_in_any_pages(Stage& stage, AccountId who, Role role, Request request) {
  request.limit = 1000;
  const auto at_once = stage.rows(who, role, request);
  for (const std::int64_t limit : {1, 2, 3}) {
    request.limit = limit;
    const auto in_pages = stage.rows(who, role, request);
    REQUIRE(in_pages.size() == at_once.size());
    for (std::size_t i = 0; i < at_once.size(); ++i) {
      CHECK(json(in_pages[i], typename Request::Reply{}) == json(at_once[i], typename Request::Reply{}));
    }
  }
  return at_once;
}

inline void erase(PartId part, const std::string& kind) {
  query("UPDATE tally.contents SET body = NULL WHERE kind = '" + kind +
        "' AND part_id = " + std::to_string(part.value) + " RETURNING 1");
}

}  // namespace tally::storage::testing

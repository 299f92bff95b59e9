// Requests as JSON from outside: what json.h writes is read back, and whatever else comes is refused with its place.
#include "common/codec/messages_json.h"

#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include <catch2/catch.hpp>

#include "common/codec/messages_codec.h"
#include "tests/common/codec/sample.h"

namespace tally::codec {
namespace {

constexpr Limits limits;

template <class... M>
void for_each_request(std::type_identity<std::variant<M...>>, const auto& work) {
  (work(std::type_identity<M>{}), ...);
}

Refusal refusal_of(std::string_view name, std::string_view json, const Limits& bounds = limits) {
  const auto request = request_from_json(name, json, bounds);
  REQUIRE_FALSE(request);
  return request.error();
}
std::string told(std::string_view name, std::string_view json) {
  const Refusal refusal = refusal_of(name, json);
  CHECK(refusal.code == RefusalCode::malformed);
  return refusal.detail;
}

}  // namespace

TEST_CASE("every request is read back from the JSON that is written of it") {
  for_each_request(std::type_identity<Request>{}, []<class M>(std::type_identity<M>) {
    INFO(M::name);
    const Request request{sample<M>()};
    const auto again = request_from_json(M::name, to_json(request).dump(), limits);
    REQUIRE(again);
    CHECK(number_of(*again) == M::number);
    CHECK(encode_body(*again) == encode_body(request));
  });
}

TEST_CASE("what is left out has its default, an unknown name is ignored, and an id must be there") {
  const auto pull = request_from_json("pull", "", limits);
  REQUIRE(pull);
  CHECK_FALSE(std::get<Pull>(*pull).project);
  CHECK(request_from_json("pull", R"({"project": null, "colour": "red"})", limits));
  CHECK(told("get_status", "{}") == "project is missing");
  CHECK(told("hand_back", "{}") == "assignment is missing");
}

TEST_CASE("what is no request says what is wrong, and where") {
  CHECK(refusal_of("no_such", "{}").code == RefusalCode::unknown_message);
  CHECK(refusal_of("tasks", "{}").code == RefusalCode::unknown_message);  // A reply.
  CHECK(told("pull", "{") == "the body is not JSON");
  CHECK(told("pull", "\xff") == "the body is not JSON");
  CHECK(told("pull", "[]") == "the body is not an object");
  CHECK(told("pull", "7") == "the body is not an object");
  CHECK(told("pull", R"({"count": "1"})") == "count is not a whole number");
  CHECK(told("pull", R"({"count": 1.5})") == "count is not a whole number");
  CHECK(told("pull", R"({"count": 9223372036854775808})") == "count is too large a number");
  CHECK(told("pull", R"({"count": 1e300})") == "count is not a whole number");
  CHECK(told("pull", R"({"items": [1, "x"]})") == "items[1] is not a whole number");
  CHECK(told("pull", R"({"project": -1})") == "project is not an id");
  CHECK(told("get_status", R"({"project": 9223372036854775807})") == "project is not an id");
  CHECK(told("hand_back", R"({"assignment": "t1.1.1"})") == "assignment is not an assignment's id (a17.1.9)");
  CHECK(told("hand_back", R"({"assignment": "a1.1.1", "how": "thrown"})") == "how has no such value");
  CHECK(told("suspend", R"({"account": 17, "suspended": 1})") == "suspended is not true or false");
  CHECK(told("deposit", R"({"account": 17, "amount": 5})") == "amount is not text");
  CHECK(told("deposit", R"({"account": 17, "amount": "5,00"})").starts_with("amount is not an amount"));
  CHECK(told("hello", R"({"client": "a\u0000b"})") == "client is not UTF-8, or holds a NUL");
  CHECK(told("submit", R"({"answers": [{"assignment": "a1.1.1", "values": {"bird": "wren"}}]})") ==
        "answers[0].values{} is not a list");
  CHECK(told("open_grant", R"({"secret_digest": "abc"})") == "secret_digest is not hex digits, two a byte");
}

TEST_CASE("what is too large or too deep is refused before it costs anything") {
  const auto code = [](const std::string& json, const Limits& bounds) { return refusal_of("pull", json, bounds).code; };
  Limits small;
  small.bytes = 30;
  CHECK(code(R"({"count": 1, "wait_ms": 100000})", small) == RefusalCode::too_large);
  small = Limits{};
  small.list = 2;
  CHECK(code(R"({"items": [1, 2, 3]})", small) == RefusalCode::too_large);
  small = Limits{};
  small.text = 3;
  CHECK(refusal_of("hello", R"({"client": "four"})", small).code == RefusalCode::too_large);
  CHECK(code("{\"x\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}", limits) ==
        RefusalCode::too_large);
}

TEST_CASE("every request is described, with schemas that its own JSON keeps to") {
  std::set<std::string> names;
  for (const RequestDescription& one : describe_requests()) {
    names.insert(one.name);
    CHECK(one.body.at("type") == "object");
    CHECK(one.reply.at("type") == "object");
    CHECK_FALSE(one.roles.empty());
  }
  for_each_request(std::type_identity<Request>{}, [&]<class M>(std::type_identity<M>) {
    INFO(M::name);
    CHECK(names.contains(M::name));
    for (const RequestDescription& one : describe_requests()) {
      if (one.name != M::name) continue;
      const nlohmann::json written = to_json(Request{sample<M>()});
      for (const auto& [field, value] : written.items()) CHECK(one.body.at("properties").contains(field));
    }
  });
}

}  // namespace tally::codec

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <type_traits>
#include <variant>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "common/base/digest.h"
#include "common/codec/codec.h"
#include "common/codec/json.h"
#include "schemas/messages.h"
#include "schemas/records.h"
#include "tests/common/codec/sample.h"

// The golden vectors: what other languages are tested against, and what keeps the bytes of today readable tomorrow.
// TALLY_WRITE_GOLDEN=1 writes those that are missing or have changed: a change of one that was released breaks peers.
namespace tally::codec {
namespace {

std::string golden_folder() {
  const char* top = std::getenv("TALLY_SOURCE_DIR");  // NOLINT(concurrency-mt-unsafe): no other thread
  return std::string(top == nullptr ? "." : top) + "/schemas/golden/";
}

nlohmann::json vector_of(const std::string& name, int number, const std::string& bytes, const nlohmann::json& value) {
  return {{"name", name}, {"number", number}, {"value", value}, {"hex", hex_of(bytes)}};
}

template <class T>
void check_golden(const std::string& kind, Form form) {
  const T value = sample<T>();
  const std::string bytes = encode(value, form);
  const std::string path = golden_folder() + kind + '_' + std::to_string(T::number) + '_' + T::name + ".json";
  INFO(path);
  const nlohmann::json made = vector_of(T::name, T::number, bytes, json_of(value));
  if (std::getenv("TALLY_WRITE_GOLDEN") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
    std::ofstream(path) << made.dump(1) << '\n';
  }
  std::ifstream file(path);
  REQUIRE(file);
  CHECK(nlohmann::json::parse(file) == made);
  const auto decoded = decode<T>(bytes, own_limits, form);
  REQUIRE(decoded);
  CHECK(encode(*decoded, form) == bytes);
}

template <class... T>
void check_all(std::type_identity<std::variant<T...>>, const std::string& kind, Form form) {
  std::set<int> numbers;
  const auto one = [&]<class Held>(std::type_identity<Held>) {
    CHECK(numbers.insert(Held::number).second);
    check_golden<Held>(kind, form);
  };
  (one(std::type_identity<T>{}), ...);
}

}  // namespace

TEST_CASE("every message with every field set has the bytes of its golden vector, and reads back from them") {
  check_all(std::type_identity<Request>{}, "request", Form::named);
  check_all(std::type_identity<Reply>{}, "reply", Form::named);
}

TEST_CASE("every record and mail has the bytes of its golden vector: a journal of the past can be read") {
  check_all(std::type_identity<Record>{}, "record", Form::positional);
  check_all(std::type_identity<Mail>{}, "mail", Form::positional);
}

}  // namespace tally::codec

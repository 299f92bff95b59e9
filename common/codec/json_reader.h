#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/codec/codec.h"
#include "common/codec/hex.h"

// JSON to structs with fields(): what json.h writes, read back, with the rules and the caution of codec.h. Templates,
// like both.
namespace tally::codec {

class JsonReader {
 public:
  using Json = nlohmann::json;

  explicit JsonReader(const Limits& limits) : limits_(limits) {}
  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }

  bool read(const Json& from, bool& to) {
    if (!from.is_boolean()) return wrong("is not true or false");
    to = from.get<bool>();
    return true;
  }
  bool read(const Json& from, std::int32_t& to) { return read_number(from, to); }
  bool read(const Json& from, std::int64_t& to) { return read_number(from, to); }
  bool read(const Json& from, Duration& to) { return read_number(from, to.ms); }
  bool read(const Json& from, Time& to) { return read_number(from, to.ms); }
  bool read(const Json& from, std::string& to) {
    if (!from.is_string()) return wrong("is not text");
    const auto& text = from.get_ref<const std::string&>();
    if (text.size() > limits_.text) return wrong("is too long a text", RefusalCode::too_large);
    if (!is_plain_utf8(text)) return wrong("is not UTF-8, or holds a NUL");
    to = text;
    return true;
  }
  bool read(const Json& from, Micros& to) {
    constexpr auto* what = "is not an amount: a decimal as text, such as \"0.05\"";
    return read_text(from, to, what, [](std::string_view text) { return micros_from(text); });
  }
  bool read(const Json& from, TaskId& to) {
    return read_text(from, to, "is not a task's id (t17.1.204)", task_id_from);
  }
  bool read(const Json& from, AssignmentId& to) {
    return read_text(from, to, "is not an assignment's id (a17.1.9)", assignment_id_from);
  }
  bool read(const Json& from, TransferId& to) {
    return read_text(from, to, "is not a transfer's id (m17.1.33)", transfer_id_from);
  }
  bool read(const Json& from, Bytes& to) {
    std::string hex;
    if (!read(from, hex)) return false;
    auto bytes = bytes_from_hex(hex);
    if (!bytes) return wrong("is not hex digits, two a byte");
    to.value = std::move(*bytes);
    return true;
  }
  template <class Tag>
  bool read(const Json& from, Id<Tag>& to) {
    if (!read_number(from, to.value)) return false;
    constexpr bool is_project = std::is_same_v<Id<Tag>, ProjectId>;
    constexpr std::int64_t most = is_project ? project_max : std::numeric_limits<std::int64_t>::max();
    return (to.value >= 0 && to.value <= most) || wrong("is not an id");
  }
  template <NamedEnum E>
  bool read(const Json& from, E& to) {
    return read_text(from, to, "has no such value", from_name<E>);
  }
  template <class T>
  bool read(const Json& from, std::optional<T>& to) {
    if (!from.is_null()) return read(from, to.emplace());
    to.reset();
    return true;
  }
  template <class T>
  bool read(const Json& from, std::vector<T>& to) {
    if (!from.is_array()) return wrong("is not a list");
    if (from.size() > limits_.list) return wrong("has too many elements", RefusalCode::too_large);
    to.clear();
    for (const Json& element : from) {
      const Step step(*this, '[' + std::to_string(to.size()) + ']');
      if (!read(element, to.emplace_back())) return false;
    }
    return true;
  }
  template <class V>
  bool read(const Json& from, std::map<std::string, V>& to) {
    if (!from.is_object()) return wrong("is not an object");
    if (from.size() > limits_.map) return wrong("has too many entries", RefusalCode::too_large);
    to.clear();
    for (const auto& [name, value] : from.items()) {
      const Step step(*this, "{}");
      if (!is_plain_utf8(name) || name.size() > limits_.text) return wrong("has a name that is no text");
      if (!read(value, to[name])) return false;
    }
    return true;
  }
  template <Struct T>
  bool read(const Json& from, T& to) {
    if (!from.is_object()) return wrong("is not an object");
    return std::apply([&](const auto&... field) { return (read_field(from, to, field) && ...); }, T::fields());
  }

 private:
  // One step of the path, for as long as it is being read.
  class Step {
   public:
    Step(JsonReader& reader, std::string name) : reader_(reader) { reader_.path_.push_back(std::move(name)); }
    ~Step() { reader_.path_.pop_back(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    JsonReader& reader_;
  };

  template <class Number>
  bool read_number(const Json& from, Number& to) {
    if (!from.is_number_integer()) return wrong("is not a whole number");
    const bool is_huge = from.is_number_unsigned() && from.get<std::uint64_t>() > INT64_MAX;
    const std::int64_t number = is_huge ? INT64_MAX : from.get<std::int64_t>();
    if (is_huge || number > std::numeric_limits<Number>::max()) return wrong("is too large a number");
    if (number < std::numeric_limits<Number>::min()) return wrong("is too small a number");
    to = static_cast<Number>(number);
    return true;
  }
  template <class T, class Parse>
  bool read_text(const Json& from, T& to, const char* what, const Parse& parse) {
    std::string text;
    if (!read(from, text)) return false;
    const auto value = parse(text);
    if (!value) return wrong(what);
    to = *value;
    return true;
  }
  template <class T, class Member>
  bool read_field(const Json& from, T& to, const Field<T, Member>& field) {
    const Step step(*this, field.name);
    const auto found = from.find(field.name);
    if (found != from.end()) return read(*found, to.*field.member);
    return !is_id<Member> || wrong("is missing");
  }
  bool wrong(const std::string& what, RefusalCode code = RefusalCode::malformed) {
    std::string text;
    for (const std::string& piece : path_)
      text += (text.empty() || piece[0] == '[' || piece[0] == '{' ? "" : ".") + piece;
    refusal_ = Refusal{code, (text.empty() ? "the body" : text) + ' ' + what, 0};
    return false;
  }

  Limits limits_;
  std::vector<std::string> path_;
  std::optional<Refusal> refusal_;
};

}  // namespace tally::codec

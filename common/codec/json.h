#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/base/digest.h"
#include "common/codec/codec.h"

// Structs with fields() as JSON for people: ids as text, money as a decimal, binary as hex. Templates, like codec.h.
namespace tally::codec {

template <class T>
nlohmann::json json_of(const std::optional<T>& value);
template <class T>
nlohmann::json json_of(const std::vector<T>& values);
template <class V>
nlohmann::json json_of(const std::map<std::string, V>& values);
template <Numbered... T>
nlohmann::json json_of(const std::variant<T...>& value);

template <class T>
nlohmann::json json_of(const T& value) {
  using nlohmann::json;
  if constexpr (Struct<T>) {
    json object = json::object();
    std::apply(
        [&](const auto&... field) {
          [[maybe_unused]] const auto one = [&](const auto& f) {
            if (!is_left_out(value.*f.member)) object[f.name] = json_of(value.*f.member);
          };
          (one(field), ...);
        },
        T::fields());
    return object;
  } else if constexpr (std::is_same_v<T, Micros>) {
    return to_text(value);
  } else if constexpr (std::is_same_v<T, Duration> || std::is_same_v<T, Time>) {
    return value.ms;
  } else if constexpr (std::is_same_v<T, Bytes>) {
    return hex_of(value.value);
  } else if constexpr (NamedEnum<T>) {
    return name_of(value);
  } else if constexpr (std::is_same_v<T, TaskId> || std::is_same_v<T, AssignmentId> || std::is_same_v<T, TransferId> ||
                       std::is_same_v<T, PartId>) {
    return to_text(value);
  } else if constexpr (is_id<T>) {
    return value.value;
  } else {
    return value;
  }
}
template <class T>
nlohmann::json json_of(const std::optional<T>& value) {
  return value ? json_of(*value) : nlohmann::json();
}
template <class T>
nlohmann::json json_of(const std::vector<T>& values) {
  nlohmann::json list = nlohmann::json::array();
  for (const T& value : values) list.push_back(json_of(value));
  return list;
}
template <class V>
nlohmann::json json_of(const std::map<std::string, V>& values) {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [key, value] : values) object[key] = json_of(value);
  return object;
}
template <Numbered... T>
nlohmann::json json_of(const std::variant<T...>& value) {
  return std::visit(
      [](const auto& held) {
        nlohmann::json object = nlohmann::json::object();
        object[std::decay_t<decltype(held)>::name] = json_of(held);
        return object;
      },
      value);
}

}  // namespace tally::codec

#include "common/codec/messages_json.h"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "common/codec/json_reader.h"

namespace tally::codec {
namespace {

using nlohmann::json;

// Bounded in depth while it is parsed; what lies deeper is thrown away at once.
Result<json, Refusal> parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes) {
    return Unexpected{
        Refusal{RefusalCode::too_large, "at most " + std::to_string(limits.bytes) + " bytes are taken", 0}};
  }
  if (text.empty()) return json::object();
  bool is_too_deep = false;
  const auto bound = [&](int depth, json::parse_event_t, const json&) {
    is_too_deep = is_too_deep || depth > static_cast<int>(limits.depth);
    return !is_too_deep;
  };
  json parsed = json::parse(text, bound, false);
  if (is_too_deep) return Unexpected{Refusal{RefusalCode::too_large, "the body is nested too deeply", 0}};
  if (parsed.is_discarded()) return Unexpected{Refusal{RefusalCode::malformed, "the body is not JSON", 0}};
  return parsed;
}

template <class M>
Result<Request, Refusal> read_as(const json& body, const Limits& limits) {
  JsonReader reader(limits);
  M message{};
  if (!reader.read(body, message)) return Unexpected{*reader.refusal()};
  return Request{std::move(message)};
}

template <class... M>
Result<Request, Refusal> read_named(std::type_identity<std::variant<M...>>, std::string_view name, const json& body,
                                    const Limits& limits) {
  std::optional<Result<Request, Refusal>> result;
  const auto one = [&]<class Held>(std::type_identity<Held>) {
    if (!result && name == Held::name) result.emplace(read_as<Held>(body, limits));
  };
  (one(std::type_identity<M>{}), ...);
  if (result) return std::move(*result);
  return Unexpected{Refusal{RefusalCode::unknown_message, "there is no such request", 0}};
}

// ---- What there is --------------------------------------------------------------------------------------------------

template <class T>
json schema_of(std::type_identity<T>);

template <class T>
json schema_of_struct() {
  json properties = json::object();
  json required = json::array();
  std::apply(
      [&](const auto&... field) {
        [[maybe_unused]] const auto one = [&]<class S, class Member>(const Field<S, Member>& f) {
          properties[f.name] = schema_of(std::type_identity<Member>{});
          if (is_id<Member>) required.push_back(f.name);
        };
        (one(field), ...);
      },
      T::fields());
  json schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

template <class T>
json schema_of(std::type_identity<std::optional<T>>) {
  return schema_of(std::type_identity<T>{});
}
template <class T>
json schema_of(std::type_identity<std::vector<T>>) {
  return {{"type", "array"}, {"items", schema_of(std::type_identity<T>{})}};
}
template <class V>
json schema_of(std::type_identity<std::map<std::string, V>>) {
  return {{"type", "object"}, {"additionalProperties", schema_of(std::type_identity<V>{})}};
}
template <class T>
json schema_of(std::type_identity<T>) {
  if constexpr (Struct<T>) {
    return schema_of_struct<T>();
  } else if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (NamedEnum<T>) {
    return {{"type", "string"}, {"enum", EnumNames<T>::names}};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {{"type", "string"}};
  } else if constexpr (std::is_same_v<T, Bytes>) {
    return {{"type", "string"}, {"pattern", "^([0-9a-f]{2})*$"}};
  } else if constexpr (std::is_same_v<T, Micros>) {
    return {{"type", "string"}, {"pattern", R"(^-?[0-9]+(\.[0-9]{1,6})?$)"}};
  } else if constexpr (std::is_same_v<T, TaskId>) {
    return {{"type", "string"}, {"pattern", R"(^t[0-9]+\.[0-9]+\.[0-9]+$)"}};
  } else if constexpr (std::is_same_v<T, AssignmentId>) {
    return {{"type", "string"}, {"pattern", R"(^a[0-9]+\.[0-9]+\.[0-9]+$)"}};
  } else if constexpr (std::is_same_v<T, TransferId>) {
    return {{"type", "string"}, {"pattern", R"(^m[0-9]+\.[0-9]+\.[0-9]+$)"}};
  } else {
    return {{"type", "integer"}, {"format", "int64"}};
  }
}

template <class M>
RequestDescription describe() {
  RequestDescription description;
  description.name = M::name;
  for (const Role role : {Role::worker, Role::requester, Role::admin, Role::gateway}) {
    if (M::roles.has(role)) description.roles.emplace_back(name_of(role));
  }
  description.body = schema_of(std::type_identity<M>{});
  description.reply = schema_of(std::type_identity<typename M::Reply>{});
  return description;
}

template <class... M>
std::vector<RequestDescription> describe_all(std::type_identity<std::variant<M...>>) {
  return {describe<M>()...};
}

}  // namespace

Result<Request, Refusal> request_from_json(std::string_view name, std::string_view text, const Limits& limits) {
  const auto body = parse(text, limits);
  if (!body) return Unexpected{body.error()};
  return read_named(std::type_identity<Request>{}, name, *body, limits);
}

std::vector<RequestDescription> describe_requests() { return describe_all(std::type_identity<Request>{}); }

}  // namespace tally::codec

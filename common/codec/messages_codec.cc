#include "common/codec/messages_codec.h"

#include <string>
#include <type_traits>
#include <utility>

#include "common/codec/codec.h"
#include "common/codec/json.h"

namespace tally::codec {
namespace {

template <class... T>
Result<std::variant<T...>, Refusal> decode_one(std::type_identity<std::variant<T...>>, std::int64_t number,
                                               std::string_view body, const Limits& limits) {
  std::optional<Result<std::variant<T...>, Refusal>> decoded;
  const auto one = [&]<class Message>(std::type_identity<Message>) {
    if (Message::number != number) return;
    auto message = decode<Message>(body, limits);
    if (message) {
      decoded.emplace(std::variant<T...>(std::move(*message)));
    } else {
      decoded.emplace(Unexpected{message.error()});
    }
  };
  (one(std::type_identity<T>{}), ...);
  if (decoded) return std::move(*decoded);
  return Unexpected{Refusal{RefusalCode::unknown_message, "no message has the number " + std::to_string(number), 0}};
}

template <class Variant>
std::string encode_held(const Variant& message) {
  return std::visit([](const auto& held) { return encode(held); }, message);
}
template <class Variant>
int number_held(const Variant& message) {
  return std::visit([](const auto& held) { return std::decay_t<decltype(held)>::number; }, message);
}
template <class Variant>
std::string_view name_held(const Variant& message) {
  return std::visit([](const auto& held) { return std::string_view(std::decay_t<decltype(held)>::name); }, message);
}

template <class T>
std::string type_text() {
  if constexpr (std::is_same_v<T, bool>)
    return "bool";
  else if constexpr (std::is_integral_v<T>)
    return "int";
  else if constexpr (std::is_same_v<T, std::string>)
    return "text";
  else if constexpr (std::is_same_v<T, Micros>)
    return "micros";
  else if constexpr (std::is_same_v<T, Duration> || std::is_same_v<T, Time>)
    return "ms";
  else if constexpr (std::is_same_v<T, Bytes>)
    return "bin";
  else if constexpr (NamedEnum<T>)
    return "name";
  else if constexpr (std::is_same_v<T, TaskId> || std::is_same_v<T, AssignmentId> || std::is_same_v<T, TransferId>)
    return "[part, no]";
  else if constexpr (is_id<T>)
    return "id";
  else
    return "map";
}
template <class T>
struct TypeText {
  static std::string get() { return type_text<T>(); }
};
template <class T>
struct TypeText<std::optional<T>> {
  static std::string get() { return TypeText<T>::get() + '?'; }
};
template <class T>
struct TypeText<std::vector<T>> {
  static std::string get() { return "list of " + TypeText<T>::get(); }
};
template <class V>
struct TypeText<std::map<std::string, V>> {
  static std::string get() { return "map of " + TypeText<V>::get(); }
};

template <class T>
std::string fields_text() {
  std::string text;
  std::apply(
      [&](const auto&... field) {
        [[maybe_unused]] const auto one = [&]<class S, class Member>(const Field<S, Member>& f) {
          text += (text.empty() ? "`" : ", `") + std::string(f.name) + "` " + TypeText<Member>::get();
        };
        (one(field), ...);
      },
      T::fields());
  return text.empty() ? "nothing" : text;
}

template <class T>
std::string roles_text() {
  std::string text;
  for (const Role role : {Role::worker, Role::requester, Role::admin, Role::gateway}) {
    if (T::roles.has(role)) text += (text.empty() ? "" : ", ") + std::string(name_of(role));
  }
  return text;
}

template <class... T>
std::string requests_table(std::type_identity<std::variant<T...>>) {
  std::string text = "| number | request | from | fields | reply |\n|---|---|---|---|---|\n";
  const auto one = [&]<class M>(std::type_identity<M>) {
    text += "| " + std::to_string(M::number) + " | " + M::name + " | " + roles_text<M>() + " | " + fields_text<M>() +
            " | " + M::Reply::name + " |\n";
  };
  (one(std::type_identity<T>{}), ...);
  return text;
}
template <class... T>
std::string replies_table(std::type_identity<std::variant<T...>>) {
  std::string text = "| number | reply | fields |\n|---|---|---|\n";
  const auto one = [&]<class M>(std::type_identity<M>) {
    text += "| " + std::to_string(M::number) + " | " + M::name + " | " + fields_text<M>() + " |\n";
  };
  (one(std::type_identity<T>{}), ...);
  return text;
}

}  // namespace

std::string encode_body(const Request& request) { return encode_held(request); }
std::string encode_body(const Reply& reply) { return encode_held(reply); }

Result<Request, Refusal> decode_request(std::int64_t number, std::string_view body, const Limits& limits) {
  return decode_one(std::type_identity<Request>{}, number, body, limits);
}
Result<Reply, Refusal> decode_reply(std::int64_t number, std::string_view body, const Limits& limits) {
  return decode_one(std::type_identity<Reply>{}, number, body, limits);
}

int number_of(const Request& request) { return number_held(request); }
int number_of(const Reply& reply) { return number_held(reply); }
std::string_view name_of_message(const Request& request) { return name_held(request); }
std::string_view name_of_message(const Reply& reply) { return name_held(reply); }

nlohmann::json to_json(const Request& request) {
  return std::visit([](const auto& held) { return json_of(held); }, request);
}
nlohmann::json to_json(const Reply& reply) {
  return std::visit([](const auto& held) { return json_of(held); }, reply);
}

std::string protocol_markdown() {
  return requests_table(std::type_identity<Request>{}) + '\n' + replies_table(std::type_identity<Reply>{});
}

}  // namespace tally::codec

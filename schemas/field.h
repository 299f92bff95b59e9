#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

// How a struct says what it is made of. A message, a record or a part of one lists its members once, in fields();
// encoding, decoding, JSON, log text and the protocol's documentation follow from that list (common/codec).
namespace tally {

// One member of a struct, with its name on the wire. A name, once used, keeps its meaning. A std::optional member may
// be left out by a peer; members of any other type must be there. Unknown names are ignored, so that a newer peer may
// add one.
template <class Struct, class Member>
struct Field {
  const char* name;
  Member Struct::*member;
};
template <class Struct, class Member>
Field(const char*, Member Struct::*) -> Field<Struct, Member>;

// An enumeration that travels by name. Specialise it with `static constexpr std::array names`, in the order of the
// enumerators, which start at zero.
template <class Enum>
struct EnumNames;

template <class Enum>
concept NamedEnum = std::is_enum_v<Enum> && requires {
  EnumNames<Enum>::names.size();
};

template <NamedEnum Enum>
[[nodiscard]] constexpr std::string_view name_of(Enum value) {
  return EnumNames<Enum>::names.at(static_cast<std::size_t>(value));
}

template <NamedEnum Enum>
[[nodiscard]] constexpr std::optional<Enum> from_name(std::string_view name) {
  for (std::size_t i = 0; i < EnumNames<Enum>::names.size(); ++i) {
    if (EnumNames<Enum>::names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace tally

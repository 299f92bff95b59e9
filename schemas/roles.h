#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "schemas/field.h"

namespace tally {

enum class Role {
  worker,
  requester,
  admin,
  gateway,  // A program that acts for people who have granted it to: see grant_token.h.
};
template <>
struct EnumNames<Role> {
  static constexpr std::array<std::string_view, 4> names{"worker", "requester", "admin", "gateway"};
};

// The roles that may send a message.
struct RoleSet {
  std::uint8_t bits = 0;
  [[nodiscard]] constexpr bool has(Role role) const { return ((bits >> static_cast<unsigned>(role)) & 1U) != 0; }
};
inline constexpr RoleSet workers_only{1};
inline constexpr RoleSet requesters_only{2};
inline constexpr RoleSet admins_only{4};
inline constexpr RoleSet workers_and_admins{5};
inline constexpr RoleSet requesters_and_admins{6};
inline constexpr RoleSet everyone{7};  // All people.
inline constexpr RoleSet gateways_only{8};
inline constexpr RoleSet people_and_gateways{15};

}  // namespace tally

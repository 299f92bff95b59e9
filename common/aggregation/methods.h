#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace tally::aggregation {

// The methods of one room, such as `labels` or `texts`, in the order in which they are shown. The first is the one to
// use where nobody names another. Methods live for ever, and the list is only borrowed: pass it by value.
//
// A method is one file of its room, which defines the Method, and a line in the room's registry.cc, which lists it. The
// room's conformance test then runs on it at once.
template <typename Method>
class Methods {
 public:
  // REQUIRES a list that lives for ever, with a method or more.
  template <std::size_t count>
  explicit constexpr Methods(const std::array<const Method*, count>& all) : all_(all) {
    static_assert(count >= 1);
  }

  [[nodiscard]] auto begin() const { return all_.begin(); }
  [[nodiscard]] auto end() const { return all_.end(); }

  [[nodiscard]] const Method& preferred() const { return *all_.front(); }

  // Null when there is none of that name.
  [[nodiscard]] const Method* find(std::string_view name) const {
    for (const Method* method : all_) {
      if (method->name == name) return method;
    }
    return nullptr;
  }

 private:
  std::span<const Method* const> all_;
};

}  // namespace tally::aggregation

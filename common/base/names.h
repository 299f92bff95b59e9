#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tally {

// Numbers names in order of first appearance.
class Names {
 public:
  std::int32_t number_of(std::string_view name);
  [[nodiscard]] std::optional<std::int32_t> find(std::string_view name) const;
  [[nodiscard]] const std::string& name(std::int32_t number) const { return names_[static_cast<std::size_t>(number)]; }
  [[nodiscard]] std::int32_t count() const { return static_cast<std::int32_t>(names_.size()); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return a == b; }
  };
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t, Hash, Equal> numbers_;
};

}  // namespace tally

#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "common/base/assert.h"

namespace tally {

// The error half of a Result, with the names of C++23's std::unexpected.
template <class E>
struct Unexpected {
  E error;
};
template <class E>
Unexpected(E) -> Unexpected<E>;

// A value, or the reason why there is none: for what a peer, a file or an argument got wrong. The names are those of
// C++23's std::expected, which this toolchain does not have yet. Reading the half that is not there is a bug.
template <class T, class E>
class [[nodiscard]] Result {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a value is its own result
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Unexpected<E> wrong) : held_(std::in_place_index<1>, std::move(wrong.error)) {}

  [[nodiscard]] bool has_value() const { return held_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  [[nodiscard]] const T& value() const& {
    TALLY_ASSERT(has_value());
    return *std::get_if<0>(&held_);
  }
  [[nodiscard]] T& value() & {
    TALLY_ASSERT(has_value());
    return *std::get_if<0>(&held_);
  }
  [[nodiscard]] T&& value() && {
    TALLY_ASSERT(has_value());
    return std::move(*std::get_if<0>(&held_));
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  [[nodiscard]] const E& error() const {
    TALLY_ASSERT(!has_value());
    return *std::get_if<1>(&held_);
  }

 private:
  std::variant<T, E> held_;
};

// The Result of something that gives nothing but may fail.
struct Done {
  friend bool operator==(const Done&, const Done&) = default;
};

}  // namespace tally

#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/base/assert.h"
#include "common/base/digest.h"
#include "schemas/ids.h"
#include "schemas/money.h"

// Arrays and binary content as text, as libpqxx sends and gets them. What is written is sent in binary: columns.h.
namespace tally::storage {

// Binary content, as bytea.
struct Blob {
  std::string_view bytes;
};

// A text that PostgreSQL reads as an array: {1,2} for numbers, {"a","\\x00ff"} for texts and binary. Any bytes are safe
// but NUL and invalid UTF-8 in a text, which the database refuses as a value.
class ArrayText {
 public:
  template <std::integral Number>
  void add(Number value) {
    if constexpr (std::is_same_v<Number, bool>) {
      add_bool(value);
    } else {
      add_number(value);
    }
  }
  void add(std::string_view text);
  void add(const char* text) { add(std::string_view(text)); }
  void add(Blob blob);
  void add(const std::optional<Blob>& blob);  // Nothing: NULL.
  void add(const Digest& digest) { add(Blob{{reinterpret_cast<const char*>(digest.data()), digest.size()}}); }
  void add(Micros amount) { add(amount.value); }
  template <class Tag>
  void add(Id<Tag> id) {
    add(id.value);
  }
  [[nodiscard]] std::string text() const { return text_ + '}'; }

 private:
  void next();
  void add_number(std::int64_t value);
  void add_bool(bool value);
  std::string text_ = "{";
};

// The text form of a bytea: \x and hex.
[[nodiscard]] std::string bytea_text(std::string_view bytes);
// Back again. What is not of that form is a damaged result: std::runtime_error.
[[nodiscard]] std::string bytes_from_bytea(std::string_view text);

}  // namespace tally::storage

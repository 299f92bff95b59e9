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

// Rows as parameters: one array a column, which a statement takes apart with unnest. So that one statement and one
// round trip write any number of rows.
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

// The columns of some rows.
class Rows {
 public:
  explicit Rows(std::size_t columns) : columns_(columns) {}
  template <class... Cell>
  void add(const Cell&... cells) {
    TALLY_ASSERT(sizeof...(cells) == columns_.size());
    std::size_t i = 0;
    (columns_[i++].add(cells), ...);
    ++size_;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::vector<std::string> parameters() const;

 private:
  std::vector<ArrayText> columns_;
  std::size_t size_ = 0;
};

// The text form of a bytea: \x and hex.
[[nodiscard]] std::string bytea_text(std::string_view bytes);
// Back again. What is not of that form is a damaged result: std::runtime_error.
[[nodiscard]] std::string bytes_from_bytea(std::string_view text);

}  // namespace tally::storage

#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "broker/storage/array.h"
#include "common/base/assert.h"
#include "common/base/digest.h"
#include "schemas/ids.h"
#include "schemas/money.h"

// Rows as parameters: one array a column, which a statement takes apart with unnest, so that one statement writes any
// number of rows. In PostgreSQL's binary form, which costs neither side a text to make or to read.
namespace tally::storage {

// What one parameter of a prepared statement is given.
struct Parameter {
  std::string bytes;
  bool is_binary = false;  // Otherwise it is text.
};
using Parameters = std::vector<Parameter>;

// An array of one dimension, as array_send() of PostgreSQL 15 writes it (src/backend/utils/adt/arrayfuncs.c). The type
// of its elements is that of the first cell: std::int16_t is smallint, std::int32_t integer, std::int64_t and what is
// made of it bigint; the statement must ask for the same.
class Column {
 public:
  void add(bool value) { add_cell(bool_type, std::string_view(value ? "\1" : "\0", 1)); }
  void add(std::int16_t value) { add_number(int2_type, static_cast<std::uint16_t>(value)); }
  void add(std::int32_t value) { add_number(int4_type, static_cast<std::uint32_t>(value)); }
  void add(std::int64_t value) { add_number(int8_type, static_cast<std::uint64_t>(value)); }
  void add(std::string_view text) { add_cell(text_type, text); }
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const char* text) { add(std::string_view(text)); }
  void add(Blob blob) { add_cell(bytea_type, blob.bytes); }
  void add(const std::optional<Blob>& blob);  // Nothing: NULL.
  void add(const Digest& digest) { add(Blob{{reinterpret_cast<const char*>(digest.data()), digest.size()}}); }
  void add(Micros amount) { add(amount.value); }
  template <class Tag>
  void add(Id<Tag> id) {
    add(id.value);
  }

  // The column is empty then.
  [[nodiscard]] Parameter take();

 private:
  // Their rows in the catalogue pg_type, the same in every PostgreSQL.
  static constexpr std::uint32_t bool_type = 16, bytea_type = 17, int8_type = 20, int2_type = 21, int4_type = 23,
                                 text_type = 25;

  template <std::unsigned_integral Number>
  void add_number(std::uint32_t type, Number value) {
    char bytes[sizeof value];
    for (std::size_t i = 0; i < sizeof value; ++i) {
      bytes[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * (sizeof value - 1 - i)));
    }
    add_cell(type, {bytes, sizeof value});
  }
  void begin_cell(std::uint32_t type);
  void add_cell(std::uint32_t type, std::string_view bytes);

  std::string bytes_;  // With room for the head, which is written last.
  std::uint32_t type_ = 0;
  std::uint32_t cells_ = 0;
  bool has_null_ = false;
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
  // One parameter a column; the rows are gone then.
  [[nodiscard]] Parameters take();

 private:
  std::vector<Column> columns_;
  std::size_t size_ = 0;
};

}  // namespace tally::storage

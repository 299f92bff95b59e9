#include "broker/storage/columns.h"

#include <utility>

namespace tally::storage {
namespace {

// Dimensions, whether there is a NULL, type of the elements, number of elements, number of the first.
constexpr std::size_t head_bytes = 20;
constexpr std::uint32_t null_length = 0xFFFFFFFF;

void write(std::string& to, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) to[at + i] = static_cast<char>(value >> (24 - 8 * i));
}

void append(std::string& to, std::uint32_t value) {
  to.resize(to.size() + 4);
  write(to, to.size() - 4, value);
}

}  // namespace

void Column::begin_cell(std::uint32_t type) {
  if (cells_++ == 0) {
    type_ = type;
    bytes_.assign(head_bytes, '\0');
  }
  TALLY_ASSERT(type == type_);
}

void Column::add_cell(std::uint32_t type, std::string_view bytes) {
  begin_cell(type);
  append(bytes_, static_cast<std::uint32_t>(bytes.size()));
  bytes_ += bytes;
}

void Column::add(const std::optional<Blob>& blob) {
  if (blob) return add(*blob);
  begin_cell(bytea_type);
  append(bytes_, null_length);
  has_null_ = true;
}

Parameter Column::take() {
  TALLY_ASSERT(cells_ > 0);
  write(bytes_, 0, 1);
  write(bytes_, 4, has_null_ ? 1 : 0);
  write(bytes_, 8, type_);
  write(bytes_, 12, cells_);
  write(bytes_, 16, 1);
  cells_ = 0;
  has_null_ = false;
  return {std::exchange(bytes_, {}), true};
}

Parameters Rows::take() {
  Parameters parameters;
  parameters.reserve(columns_.size());
  for (Column& column : columns_) parameters.push_back(column.take());
  size_ = 0;
  return parameters;
}

}  // namespace tally::storage

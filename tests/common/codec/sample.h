#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "common/codec/codec.h"

// A value of any message or record in which every field is set, and no two numbers are the same: made from fields(), so
// that a field that is added is sampled too.
namespace tally::codec {

class Sampler {
 public:
  void fill(bool& value) { value = true; }
  void fill(std::int16_t& value) { value = static_cast<std::int16_t>(next()); }
  void fill(std::int32_t& value) { value = static_cast<std::int32_t>(next()); }
  void fill(std::int64_t& value) { value = next(); }
  void fill(std::string& value) { value = "text " + std::to_string(next()) + " é"; }
  void fill(Bytes& value) { value.value = std::string("\0\xff", 2) + std::to_string(next()); }
  void fill(Micros& value) { value.value = next() * 10'000; }
  void fill(Duration& value) { value.ms = next() * 1000; }
  void fill(Time& value) { value.ms = next() * 1000; }
  template <class Tag>
  void fill(Id<Tag>& id) {
    id.value = 16 + next();
  }
  template <class Tag>
  void fill(PartNumber<Tag>& id) {
    id = {part_of(ProjectId{16 + next()}, 1), static_cast<std::int32_t>(next())};
  }
  template <NamedEnum E>
  void fill(E& value) {
    value = static_cast<E>(static_cast<std::size_t>(next()) % EnumNames<E>::names.size());
  }
  template <class T>
  void fill(std::optional<T>& value) {
    fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& values) {
    values.resize(2);
    for (T& value : values) fill(value);
  }
  template <class K, class V>
  void fill(std::map<K, V>& values) {
    K key{};
    fill(key);
    fill(values[key]);
  }
  template <class First, class... Rest>
  void fill(std::variant<First, Rest...>& value) {
    fill(value.template emplace<First>());
  }
  template <Struct T>
  void fill(T& value) {
    std::apply([&](const auto&... field) { (fill(value.*field.member), ...); }, T::fields());
  }

 private:
  std::int64_t next() { return ++count_; }
  std::int64_t count_ = 0;
};

template <class T>
T sample() {
  T value{};
  Sampler().fill(value);
  return value;
}

}  // namespace tally::codec

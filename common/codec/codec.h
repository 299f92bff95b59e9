#pragma once

#include <cstdint>
#include <exception>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <msgpack.hpp>

#include "common/base/result.h"
#include "common/codec/limits.h"
#include "common/codec/utf8.h"
#include "schemas/bytes.h"
#include "schemas/field.h"
#include "schemas/ids.h"
#include "schemas/money.h"
#include "schemas/refusals.h"
#include "schemas/time.h"

// Structs with fields() to MessagePack and back. A struct is a map of its fields by name; ids, money and times are
// whole numbers; an id within a part is the pair [part, number]; an enumeration is its name; Bytes is bin, text is str;
// an empty optional is left out; a map with keys other than text is an array of pairs; a variant of numbered structs is
// the pair [number, map].
//
// What the broker keeps for itself (records, mail, snapshots) has the positional form: a struct is the array of its
// fields in their order, an enumeration its number. It takes a third of the room. There a field is only ever added at
// the end, and one that is missing there keeps its default.
//
// What is decoded comes from a stranger: bounded before anything is allocated for it, checked for type, UTF-8 and
// range, never asserted on. A field that is missing keeps its default, unless it is an id, which must be there; a name
// that is not known is ignored. Templates: include this only where a message of one's own is defined (messages_codec.h
// serves the others).
namespace tally::codec {

template <class T>
concept Struct = requires {
  T::fields();
};
template <class T>
concept Numbered = Struct<T> && requires {
  T::number;
  T::name;
};

enum class Form { named, positional };

struct Buffer {
  std::string bytes;
  void write(const char* data, std::size_t size) { bytes.append(data, size); }
};
class Packer : public msgpack::packer<Buffer> {
 public:
  explicit Packer(Buffer& buffer, Form form = Form::named) : msgpack::packer<Buffer>(buffer), form_(form) {}
  [[nodiscard]] bool is_positional() const { return form_ == Form::positional; }

 private:
  Form form_;
};

template <class T>
inline constexpr bool is_id = false;
template <class Tag>
inline constexpr bool is_id<Id<Tag>> = true;
template <class Tag>
inline constexpr bool is_id<PartNumber<Tag>> = true;

// ---- Writing --------------------------------------------------------------------------------------------------------

inline void write(Packer& out, bool value) { out.pack(value); }
inline void write(Packer& out, std::int16_t value) { out.pack(value); }
inline void write(Packer& out, std::int32_t value) { out.pack(value); }
inline void write(Packer& out, std::int64_t value) { out.pack(value); }
inline void write(Packer& out, const std::string& value) { out.pack(value); }
inline void write(Packer& out, Micros value) { out.pack(value.value); }
inline void write(Packer& out, Duration value) { out.pack(value.ms); }
inline void write(Packer& out, Time value) { out.pack(value.ms); }
inline void write(Packer& out, const Bytes& value) {
  out.pack_bin(static_cast<std::uint32_t>(value.value.size()));
  out.pack_bin_body(value.value.data(), static_cast<std::uint32_t>(value.value.size()));
}
template <class Tag>
void write(Packer& out, Id<Tag> id) {
  out.pack(id.value);
}
template <class Tag>
void write(Packer& out, PartNumber<Tag> id) {
  out.pack_array(2);
  out.pack(id.part.value);
  out.pack(id.no);
}
template <NamedEnum E>
void write(Packer& out, E value) {
  if (out.is_positional()) {
    out.pack(static_cast<std::int32_t>(value));
    return;
  }
  const std::string_view name = name_of(value);
  out.pack_str(static_cast<std::uint32_t>(name.size()));
  out.pack_str_body(name.data(), static_cast<std::uint32_t>(name.size()));
}
template <class T>
void write(Packer& out, const std::vector<T>& values);
template <class K, class V>
void write(Packer& out, const std::map<K, V>& values);
template <class T>
void write(Packer& out, const std::optional<T>& value);
template <Numbered... T>
void write(Packer& out, const std::variant<T...>& value);
template <Struct T>
void write(Packer& out, const T& value);

template <class T>
void write(Packer& out, const std::vector<T>& values) {
  out.pack_array(static_cast<std::uint32_t>(values.size()));
  for (const T& value : values) write(out, value);
}
template <class K, class V>
void write(Packer& out, const std::map<K, V>& values) {
  constexpr bool by_name = std::is_same_v<K, std::string>;
  if constexpr (by_name) {
    out.pack_map(static_cast<std::uint32_t>(values.size()));
  } else {
    out.pack_array(static_cast<std::uint32_t>(values.size()));
  }
  for (const auto& [key, value] : values) {
    if constexpr (!by_name) out.pack_array(2);
    write(out, key);
    write(out, value);
  }
}
template <class T>
void write(Packer& out, const std::optional<T>& value) {
  if (value) {
    write(out, *value);
  } else {
    out.pack_nil();
  }
}
template <Numbered... T>
void write(Packer& out, const std::variant<T...>& value) {
  std::visit(
      [&](const auto& held) {
        out.pack_array(2);
        out.pack(std::decay_t<decltype(held)>::number);
        write(out, held);
      },
      value);
}
template <class T>
bool is_left_out(const T&) {
  return false;
}
template <class T>
bool is_left_out(const std::optional<T>& value) {
  return !value.has_value();
}
template <Struct T>
void write(Packer& out, const T& value) {
  std::apply(
      [&](const auto&... field) {
        if (out.is_positional()) {
          out.pack_array(static_cast<std::uint32_t>(sizeof...(field)));
          (write(out, value.*field.member), ...);
          return;
        }
        const auto count = (std::uint32_t{0} + ... + (is_left_out(value.*field.member) ? 0U : 1U));
        out.pack_map(count);
        [[maybe_unused]] const auto one = [&](const auto& f) {
          if (is_left_out(value.*f.member)) return;
          const std::string_view name = f.name;
          out.pack_str(static_cast<std::uint32_t>(name.size()));
          out.pack_str_body(name.data(), static_cast<std::uint32_t>(name.size()));
          write(out, value.*f.member);
        };
        (one(field), ...);
      },
      T::fields());
}

template <class T>
std::string encode(const T& value, Form form = Form::named) {
  Buffer buffer;
  Packer out(buffer, form);
  write(out, value);
  return std::move(buffer.bytes);
}

// ---- Reading --------------------------------------------------------------------------------------------------------

// Where reading stands, for the refusal: a path such as answers[3].assignment.
class Reader {
 public:
  using Object = msgpack::object;

  explicit Reader(const Limits& limits, Form form = Form::named)
      : limits_(limits), is_positional_(form == Form::positional) {}
  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }

  bool read(const Object& from, bool& to) {
    if (from.type != msgpack::type::BOOLEAN) return wrong("is not true or false");
    to = from.via.boolean;
    return true;
  }
  template <class Number>
  bool read_number(const Object& from, Number& to) {
    if (from.type == msgpack::type::POSITIVE_INTEGER) {
      if (from.via.u64 > static_cast<std::uint64_t>(std::numeric_limits<Number>::max()))
        return wrong("is too large a number");
      to = static_cast<Number>(from.via.u64);
      return true;
    }
    if (from.type != msgpack::type::NEGATIVE_INTEGER) return wrong("is not a whole number");
    if (from.via.i64 < std::numeric_limits<Number>::min()) return wrong("is too small a number");
    to = static_cast<Number>(from.via.i64);
    return true;
  }
  bool read(const Object& from, std::int16_t& to) { return read_number(from, to); }
  bool read(const Object& from, std::int32_t& to) { return read_number(from, to); }
  bool read(const Object& from, std::int64_t& to) { return read_number(from, to); }
  bool read(const Object& from, Micros& to) { return read_number(from, to.value); }
  bool read(const Object& from, Duration& to) { return read_number(from, to.ms); }
  bool read(const Object& from, Time& to) { return read_number(from, to.ms); }
  bool read(const Object& from, std::string& to) {
    if (from.type != msgpack::type::STR) return wrong("is not text");
    const std::string_view text(from.via.str.ptr, from.via.str.size);
    if (!is_plain_utf8(text)) return wrong("is not UTF-8, or holds a NUL");
    to.assign(text);
    return true;
  }
  bool read(const Object& from, Bytes& to) {
    if (from.type != msgpack::type::BIN) return wrong("is not binary");
    to.value.assign(from.via.bin.ptr, from.via.bin.size);
    return true;
  }
  template <class Tag>
  bool read(const Object& from, Id<Tag>& to) {
    if (!read_number(from, to.value)) return false;
    constexpr bool is_project = std::is_same_v<Id<Tag>, ProjectId>;
    constexpr std::int64_t most = is_project ? project_max : std::numeric_limits<std::int64_t>::max();
    return (to.value >= 0 && to.value <= most) || wrong("is not an id");
  }
  template <class Tag>
  bool read(const Object& from, PartNumber<Tag>& to) {
    if (from.type != msgpack::type::ARRAY || from.via.array.size != 2) return wrong("is not a pair [part, number]");
    return read(from.via.array.ptr[0], to.part) && read_number(from.via.array.ptr[1], to.no) &&
           (to.no >= 1 || wrong("is not an id"));
  }
  template <NamedEnum E>
  bool read(const Object& from, E& to) {
    if (is_positional_) return read_enumerator(from, to);
    std::string name;
    if (!read(from, name)) return false;
    const auto value = from_name<E>(name);
    if (!value) return wrong("has no such value");
    to = *value;
    return true;
  }
  template <class T>
  bool read(const Object& from, std::optional<T>& to) {
    if (from.type == msgpack::type::NIL) {
      to.reset();
      return true;
    }
    return read(from, to.emplace());
  }
  template <class T>
  bool read(const Object& from, std::vector<T>& to) {
    if (from.type != msgpack::type::ARRAY) return wrong("is not a list");
    to.clear();
    to.reserve(from.via.array.size);
    for (std::uint32_t i = 0; i < from.via.array.size; ++i) {
      const Step step(*this, i);
      if (!read(from.via.array.ptr[i], to.emplace_back())) return false;
    }
    return true;
  }
  template <class K, class V>
  bool read(const Object& from, std::map<K, V>& to) {
    to.clear();
    if constexpr (std::is_same_v<K, std::string>) {
      if (from.type != msgpack::type::MAP) return wrong("is not a map");
      for (std::uint32_t i = 0; i < from.via.map.size; ++i) {
        if (!read_entry<K, V>(from.via.map.ptr[i].key, from.via.map.ptr[i].val, to)) return false;
      }
    } else {
      if (from.type != msgpack::type::ARRAY) return wrong("is not a list of pairs");
      for (std::uint32_t i = 0; i < from.via.array.size; ++i) {
        const Object& pair = from.via.array.ptr[i];
        if (pair.type != msgpack::type::ARRAY || pair.via.array.size != 2) return wrong("is not a list of pairs");
        if (!read_entry<K, V>(pair.via.array.ptr[0], pair.via.array.ptr[1], to)) return false;
      }
    }
    return true;
  }
  template <Numbered... T>
  bool read(const Object& from, std::variant<T...>& to) {
    std::int32_t number = 0;
    if (from.type != msgpack::type::ARRAY || from.via.array.size != 2) return wrong("is not a pair [number, body]");
    if (!read_number(from.via.array.ptr[0], number)) return false;
    bool known = false;
    bool good = false;
    const auto one = [&]<class Held>(std::type_identity<Held>) {
      if (known || Held::number != number) return;
      known = true;
      good = read(from.via.array.ptr[1], to.template emplace<Held>());
    };
    (one(std::type_identity<T>{}), ...);
    return known ? good : wrong("has an unknown number " + std::to_string(number));
  }
  template <Struct T>
  bool read(const Object& from, T& to) {
    if (is_positional_) return read_positions(from, to);
    if (from.type != msgpack::type::MAP) return wrong("is not a map");
    return std::apply([&](const auto&... field) { return (read_field(from, to, field) && ...); }, T::fields());
  }

 private:
  // One step of the path, for as long as it is being read: a field, an entry of a map, or a place in a list. It becomes
  // text only where something is wrong.
  class Step {
   public:
    Step(Reader& reader, const char* name) : reader_(reader) { reader_.path_.push_back({name, 0}); }
    Step(Reader& reader, std::uint32_t index) : reader_(reader) { reader_.path_.push_back({nullptr, index}); }
    ~Step() { reader_.path_.pop_back(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Reader& reader_;
  };
  struct Piece {
    const char* name;  // Null: a place in a list.
    std::uint32_t index;
  };
  static constexpr const char* entry = "{}";

  [[nodiscard]] std::string path_text() const {
    std::string text;
    for (const Piece& piece : path_) {
      if (piece.name == nullptr) {
        text += '[' + std::to_string(piece.index) + ']';
      } else {
        if (!text.empty() && piece.name != entry) text += '.';
        text += piece.name;
      }
    }
    return text.empty() ? "the body" : text;
  }
  bool wrong(const std::string& what) {
    refusal_ = Refusal{RefusalCode::malformed, path_text() + ' ' + what, 0};
    return false;
  }
  template <class E>
  bool read_enumerator(const Object& from, E& to) {
    std::int32_t number = 0;
    if (!read_number(from, number)) return false;
    if (number < 0 || static_cast<std::size_t>(number) >= EnumNames<E>::names.size()) return wrong("has no such value");
    to = static_cast<E>(number);
    return true;
  }
  template <class T>
  bool read_positions(const Object& from, T& to) {
    if (from.type != msgpack::type::ARRAY) return wrong("is not a list of fields");
    std::uint32_t place = 0;
    const auto one = [&](const auto& field) {
      const Step step(*this, field.name);
      // It was written before the field was added. An id has no default: the row is damaged.
      using Member = std::remove_cvref_t<decltype(to.*field.member)>;
      if (place >= from.via.array.size) return !is_id<Member> || wrong("is missing");
      return read(from.via.array.ptr[place++], to.*field.member);
    };
    const bool good = std::apply([&](const auto&... field) { return (one(field) && ...); }, T::fields());
    return good && (place == from.via.array.size || wrong("has more fields than are known: a newer program wrote it"));
  }
  template <class K, class V>
  bool read_entry(const Object& key, const Object& value, std::map<K, V>& to) {
    K name{};
    if (!read(key, name)) return false;
    const auto [place, is_new] = to.try_emplace(std::move(name));
    if (!is_new) return wrong("has a key twice");
    const Step step(*this, entry);
    return read(value, place->second);
  }
  template <class T, class Member>
  bool read_field(const Object& from, T& to, const Field<T, Member>& field) {
    const Step step(*this, field.name);
    const std::string_view name = field.name;
    const Object* found = nullptr;
    for (std::uint32_t i = 0; i < from.via.map.size; ++i) {
      const Object& key = from.via.map.ptr[i].key;
      if (key.type != msgpack::type::STR || std::string_view(key.via.str.ptr, key.via.str.size) != name) continue;
      if (found != nullptr) return wrong("is there twice");
      found = &from.via.map.ptr[i].val;
    }
    if (found != nullptr) return read(*found, to.*field.member);
    return !is_id<Member> || wrong("is missing");
  }

  Limits limits_;
  bool is_positional_;
  std::vector<Piece> path_;
  std::optional<Refusal> refusal_;
};

// Bytes to an object tree within the limits; the refusal where they are not one whole object. The tree holds until the
// next call in the same thread, and its texts lie in `bytes`. In codec.cc.
Result<msgpack::object, Refusal> unpack(std::string_view bytes, const Limits& limits);
void forget_unpacked();
inline constexpr std::size_t large_message = std::size_t{64} << 10U;  // Its tree is not kept until the next one comes.

template <class T>
Result<T, Refusal> decode(std::string_view bytes, const Limits& limits, Form form = Form::named) {
  const auto root = unpack(bytes, limits);
  if (!root) return Unexpected{root.error()};
  Reader reader(limits, form);
  T value{};
  const bool is_good = reader.read(*root, value);
  if (bytes.size() > large_message) forget_unpacked();
  if (!is_good) return Unexpected{*reader.refusal()};
  return value;
}

}  // namespace tally::codec

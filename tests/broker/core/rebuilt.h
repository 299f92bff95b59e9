#pragma once

#include <string>

#include <catch2/catch.hpp>

#include "common/codec/codec.h"
#include "tests/broker/core/world.h"

// That a part in memory is what its records say, and that a snapshot of it says the same.
namespace tally::core {

inline std::string bytes_of_part(const Part& part) { return codec::encode(image_of(part), codec::Form::positional); }

// Every part, made again from its records.
inline void check_rebuilt(const World& world) {
  for (const auto& [id, records] : world.journal) {
    const Part* part = world.core.find(id);
    if (part == nullptr) continue;
    Part again = empty_part(id);
    for (const Record& record : records) fold(again, record);
    INFO(to_text(id));
    REQUIRE(bytes_of_part(again) == bytes_of_part(*part));
  }
}

// Every part, written as a snapshot and read back.
inline void check_snapshots(const World& world) {
  for (const PartId id : world.core.loaded()) {
    const std::string written = bytes_of_part(*world.core.find(id));
    auto read = codec::decode<PartImage>(written, codec::own_limits, codec::Form::positional);
    INFO(to_text(id));
    REQUIRE(read.has_value());
    REQUIRE(bytes_of_part(part_from(id, std::move(*read))) == written);
  }
}

}  // namespace tally::core

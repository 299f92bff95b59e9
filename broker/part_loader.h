#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "broker/group_builder.h"
#include "broker/storage/store.h"

// What the loader's thread does for the event loop: reads parts and the catalogue, keeps the parts in
// memory ours, finds those that are due.
namespace tally::broker {

struct LoadPart {
  PartId part;
};
struct CareForParts {
  std::vector<PartId> in_memory;
  Time now;
  Time served_until;  // Earlier than now while the database is away: nobody was served since.
  storage::DueAfter due_after;
  bool find_due = true;
  std::vector<storage::Away> outages;  // Since the last time.
};
struct ReadCatalogue {};
using LoaderJob = std::variant<LoadPart, CareForParts, ReadCatalogue>;

struct NotLoaded {
  PartId part;
  std::string why;
};
struct PartsDue {
  std::vector<PartId> parts;
  storage::DueAfter after;                  // For the next time.
  std::vector<storage::Away> outages_left;  // Could not be noted: to be given again.
  bool is_house_lost = false;               // Another broker has it, though we had it for ours.
  std::string trouble;                      // What went wrong; empty: nothing.
};
struct NoCatalogue {
  std::string why;
};
using LoaderResult = std::variant<ReadPart, NotLoaded, PartsDue, storage::Catalogue, NoCatalogue>;

[[nodiscard]] std::function<LoaderResult(LoaderJob)> part_loader(storage::Store& store);

}  // namespace tally::broker

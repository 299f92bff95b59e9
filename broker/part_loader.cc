#include "broker/part_loader.h"

#include <exception>
#include <utility>

namespace tally::broker {
namespace {

constexpr std::size_t due_parts_max = 200;

struct Loader {
  storage::Store& store;

  LoaderResult operator()(const LoadPart& job) const {
    try {
      return read_part(store.take(job.part));
    } catch (const std::exception& error) {
      return NotLoaded{job.part, error.what()};
    }
  }
  LoaderResult operator()(const CareForParts& job) const {
    PartsDue due;
    due.after = job.due_after;
    try {
      for (const storage::Away& away : job.outages) {
        due.outages_left.push_back(away);
        store.note_outage(away);
        due.outages_left.pop_back();
      }
      store.renew(job.in_memory, job.served_until);
      due.is_house_lost = !job.in_memory.empty() && store.another_has_the_house();
      if (job.find_due) due.parts = store.due_parts(job.now, due_parts_max, job.in_memory, &due.after);
    } catch (const std::exception& error) {
      due.trouble = error.what();
    }
    return due;
  }
  LoaderResult operator()(const ReadCatalogue&) const {
    try {
      return store.catalogue();
    } catch (const std::exception& error) {
      return NoCatalogue{error.what()};
    }
  }
};

}  // namespace

std::function<LoaderResult(LoaderJob)> part_loader(storage::Store& store) {
  return [&store](const LoaderJob& job) { return std::visit(Loader{store}, job); };
}

}  // namespace tally::broker

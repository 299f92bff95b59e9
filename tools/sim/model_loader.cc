#include "tools/sim/model_loader.h"

#include <cstddef>
#include <exception>
#include <variant>

namespace tally::sim {
namespace {

constexpr std::size_t due_parts_max = 200;

struct Loading {
  ModelDatabase& database;
  const ModelDatabase::Owner& owner;

  broker::LoaderResult operator()(const broker::LoadPart& job) const {
    try {
      return broker::read_part(database.take(job.part, owner));
    } catch (const std::exception& error) {
      return broker::NotLoaded{job.part, error.what()};
    }
  }
  broker::LoaderResult operator()(const broker::CareForParts& job) const {
    for (const storage::Away& away : job.outages) database.note_outage(away, owner);
    database.renew(job.in_memory, job.served_until, owner);
    broker::PartsDue due;
    due.after = job.due_after;
    due.is_house_lost = !job.in_memory.empty() && database.another_has_the_house(owner);
    if (job.find_due) due.parts = database.due_parts(job.now, due_parts_max, job.in_memory, owner, &due.after);
    return due;
  }
  broker::LoaderResult operator()(const broker::ReadCatalogue&) const { return database.catalogue(); }
};

}  // namespace

broker::LoaderResult do_for_loop(ModelDatabase& database, const ModelDatabase::Owner& owner,
                                 const broker::LoaderJob& job) {
  return std::visit(Loading{database, owner}, job);
}

}  // namespace tally::sim

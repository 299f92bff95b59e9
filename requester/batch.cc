#include "requester/batch.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "common/cli/safe_text.h"
#include "common/project/check_spec.h"
#include "common/project/columns.h"
#include "common/project/item_template.h"
#include "common/project/nearest.h"
#include "common/project/people_text.h"
#include "common/project/project_file.h"
#include "common/project/training_file.h"
#include "requester/figures.h"

namespace tally::requester {
namespace {

// One byte more than the file may have is read, so that the check of its size sees it.
Result<std::string, std::string> text_in(const std::string& path, std::size_t bytes_max) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Unexpected{path + ": cannot be opened"};
  std::string text(bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return Unexpected{path + ": cannot be read"};
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > bytes_max) return Unexpected{path + ": is over " + std::to_string(bytes_max) + " bytes"};
  return text;
}

// `user`: what in the project file needs the column.
std::string no_column(const std::string& column, const std::string& user, const std::string& project_path,
                      const std::string& items_path, const std::vector<std::string>& header) {
  return items_path + ": there is no column '" + column + "', which " + user + " of " + project_path + " names" +
         project::did_you_mean(column, header) + "\nGive it that column, or correct " + project_path + ".";
}

Unexpected<BatchMistakes> only(std::string line) { return {BatchMistakes{{std::move(line)}, 0}}; }

Unexpected<BatchMistakes> some_of(const std::vector<std::string>& all) {
  BatchMistakes mistakes{all, 0};
  mistakes.lines.resize(std::min(all.size(), mistakes_max));
  mistakes.more = std::ssize(all) - std::ssize(mistakes.lines);
  return {std::move(mistakes)};
}

std::string answers_each(const Redundancy& redundancy) {
  if (redundancy.min == redundancy.max) return std::to_string(redundancy.min);
  return std::to_string(redundancy.min) + " to " + std::to_string(redundancy.max);
}

// The training file, where the project file names one: beside it.
struct TrainingText {
  std::string path;
  std::string text;
};
Result<TrainingText, std::string> training_text(const std::string& project_path, const std::string& name) {
  if (name.empty()) return TrainingText{};
  std::string path = (std::filesystem::path(project_path).parent_path() / name).string();
  auto text = text_in(path, project::training_file_bytes_max);
  if (!text) return Unexpected{text.error() + "; [training] of " + project_path + " names it"};
  return TrainingText{std::move(path), std::move(*text)};
}

// Another training is another project: the note of a posting that was interrupted must tell them apart.
Digest digest_of(const std::string& project, const TrainingText& training) {
  if (training.path.empty()) return sha256(project);
  Sha256 digest;
  digest.add(hex_of(sha256(project)));
  digest.add(training.text);
  return digest.finish();
}

}  // namespace

Result<Batch, BatchMistakes> check_batch(const std::string& project_path, const std::string& items_path) {
  const auto text = text_in(project_path, project::project_file_bytes_max);
  if (!text) return only(text.error());
  auto file = project::project_from_toml(*text, project_path);
  if (!file) return only(file.error());
  const auto training = training_text(project_path, file->training_file);
  if (!training) return only(training.error());
  auto items = survey_items(items_path, file->spec);
  if (!items) return only(items.error());

  Batch batch{std::move(file->spec), digest_of(*text, *training), std::move(*items)};
  if (!batch.items.header.empty()) {
    const std::vector<std::string>& header = batch.items.header;
    if (auto fits = project::fit_columns(batch.spec, header); !fits) {
      return only(no_column(fits.error(), "[columns]", project_path, items_path, header));
    }
    if (const auto missing = project::missing_column(batch.spec.item_template, batch.spec.columns)) {
      return only(no_column(*missing, "the template", project_path, items_path, header));
    }
    if (!training->path.empty()) {
      std::istringstream rows(training->text);
      auto tasks = project::read_training(rows, batch.spec, training->path);
      if (!tasks) return some_of(tasks.error());
      batch.spec.training.tasks = std::move(*tasks);
    }
    // Before the rows: a mistake here is theirs all.
    if (auto fine = project::check_spec(batch.spec, Time{0}); !fine)
      return only(project_path + ": " + fine.error().detail);
  }
  if (batch.items.mistakes_count > 0) {
    const auto listed = std::ssize(batch.items.mistakes);
    return Unexpected{BatchMistakes{batch.items.mistakes, batch.items.mistakes_count - listed}};
  }
  return batch;
}

std::string to_text(const BatchMistakes& mistakes) {
  std::string text;
  for (const std::string& line : mistakes.lines) text += (text.empty() ? "" : "\n") + line;
  if (mistakes.more > 0) text += "\nand " + grouped(mistakes.more) + " more mistakes";
  return text;
}

std::optional<Estimate> estimate(Micros reward, std::int64_t answers_max, std::int64_t fee_ppm) {
  const Micros fee = fee_on(reward, fee_ppm);
  const auto worst = times(reward + fee, answers_max);
  if (!worst) return std::nullopt;
  return Estimate{answers_max, reward, fee, *worst};
}

std::string posting_text(const Batch& batch, const Estimate& cost, Micros wallet, const std::string& currency) {
  const ProjectSpec& spec = batch.spec;
  std::vector<std::pair<std::string, std::string>> lines{
      {"items", grouped(batch.items.items)},
      {"answers", answers_each(spec.redundancy) + " an item, at most " + grouped(cost.answers_max) + " in all"},
      {"reward", money(cost.reward, currency) + " an answer, and " + money(cost.fee, currency) + " platform fee"},
      {"pay", std::string(name_of(spec.pay))},
      {"deadline", spec.deadline_ms > 0 ? to_text(Time{spec.deadline_ms}) : "none"},
  };
  for (const std::string& asked : project::texts_of(spec.require)) lines.emplace_back("workers need", asked);
  if (!spec.training.tasks.empty()) lines.emplace_back("training", project::text_of(spec.training));
  lines.emplace_back("worst case", money(cost.worst, currency) + ", reserved now; what is not spent comes back");
  lines.emplace_back("wallet", money(wallet, currency));
  return cli::safe_for_terminal(spec.title, false) + "\n" + lines_of(lines);
}

}  // namespace tally::requester

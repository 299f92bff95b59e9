// tally-aggregate: verdicts, with confidence, from a table of answers. Needs no broker.
#include <exception>
#include <iostream>
#include <map>
#include <thread>

#include <CLI/CLI.hpp>

#include "aggregate/kinds.h"
#include "aggregate/run.h"
#include "common/cli/arguments.h"
#include "common/cli/program.h"
#include "common/cli/safe_text.h"

namespace {

using namespace tally;
using aggregate::Kind;
using aggregate::Repeats;
using aggregate::RowFormat;

std::string methods() {
  std::string text;
  for (const aggregate::KindOf* kind : aggregate::all_kinds()) {
    text += "Methods for " + std::string(kind->name) + " (" + std::string(kind->label_is) + "):\n";
    if (kind->kind == Kind::sets) {
      text += "  those for labels; each label is judged by itself\n";
      continue;
    }
    for (const auto& [name, says] : kind->methods()) {
      std::string padded(name);
      padded.resize(20, ' ');
      text += "  " + padded + std::string(says) + "\n";
    }
  }
  return text;
}

std::map<std::string, Kind> kinds() {
  std::map<std::string, Kind> names;
  for (const aggregate::KindOf* kind : aggregate::all_kinds()) names.emplace(kind->name, kind->kind);
  return names;
}

void add_options(CLI::App& app, aggregate::Wanted& wanted) {
  app.add_option("ANSWERS", wanted.answers, "CSV with the columns task, worker and label; - reads standard input")
      ->required();
  app.add_option("--kind", wanted.kind, "What an answer is: labels, texts, numbers, sets, pairs or boxes")
      ->transform(CLI::CheckedTransformer(kinds()))
      ->type_name("KIND");
  app.add_option("--gold", wanted.gold, "CSV with the columns task and label: what is known to be right");
  app.add_option("--method", wanted.method, "How answers become verdicts; without it, the first of those below");
  app.add_option("--tolerance", wanted.tolerance, "Numbers that lie no further apart say the same")
      ->check(CLI::Range(0.0, 1e100))
      ->type_name("NUMBER");
  app.add_option("--overlap", wanted.overlap, "Boxes that overlap by this share or more mean the same thing")
      ->check(CLI::Range(0.000001, 1.0))
      ->type_name("SHARE");
  app.add_option("--metrics", wanted.metrics, "A file for how far answers agree, with each other and with the gold")
      ->type_name("FILE");
  app.add_option("-o,--output", wanted.output, "A file for the verdicts, written whole or not at all")
      ->type_name("FILE");
  app.add_option("--workers", wanted.workers, "A file for what is known of each worker; - writes it after the verdicts")
      ->type_name("FILE");
  app.add_option("--format", wanted.format, "csv or jsonl")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, RowFormat>{{"csv", RowFormat::csv}, {"jsonl", RowFormat::jsonl}}))
      ->type_name("FORMAT");
  app.add_option("--repeats", wanted.repeats, "Of a worker's answers to one task, which count: last, first or all")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Repeats>{{"last", Repeats::last}, {"first", Repeats::first}, {"all", Repeats::all}}))
      ->type_name("WHICH");
  app.add_option("--task-column", wanted.columns.task, "What the file calls tasks");
  app.add_option("--worker-column", wanted.columns.worker, "What the file calls workers");
  app.add_option("--label-column", wanted.columns.label, "What the file calls labels");
  app.add_option("--threads", wanted.threads, "How many processors may be used")->check(CLI::Range(1, 256));
  app.add_flag("--beliefs", wanted.all_beliefs, "A column for each label: how much it is believed");
  app.add_flag("--quiet", wanted.quiet, "No summary on stderr");
  app.footer(methods());
}

int end(int code, const std::string& text) {
  std::cout.flush();
  std::cerr << "tally-aggregate: " << cli::safe_for_terminal(text, true) << "\n";
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Verdicts with confidence, and what each worker is worth, from a table of answers.", "tally-aggregate");
  aggregate::Wanted wanted;
  wanted.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  cli::set_help(app);
  add_options(app, wanted);
  try {
    if (const auto code = cli::parse(app, argc, argv)) return *code;
    aggregate::run(wanted);
    return cli::exit_done;
  } catch (const cli::Failure& failure) {
    return end(failure.code, failure.text);
  } catch (const std::exception& wrong) {
    return end(cli::exit_usage, wrong.what());
  }
}

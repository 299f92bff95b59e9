#include "common/cli/program.h"
#include "requester/change.h"
#include "requester/post.h"
#include "requester/quality.h"
#include "requester/results.h"
#include "requester/review.h"
#include "requester/show.h"

int main(int argc, char** argv) {
  using namespace tally;
  cli::Program program("tally-requester", "Posts batches of tasks, watches them, fetches results", Role::requester);
  requester::PostCommand post(program);
  requester::ShowCommands show(program);
  requester::ResultsCommand results(program);
  requester::QualityCommand quality(program);
  requester::ReviewCommand review(program);
  requester::ChangeCommands change(program);
  return program.run(argc, argv);
}

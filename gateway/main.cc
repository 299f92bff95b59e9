#include "common/cli/program.h"
#include "gateway/serve.h"

int main(int argc, char** argv) {
  using namespace tally;
  cli::Program program("tally-gateway", "Serves Tally's pages and its JSON API, for people who sign in", Role::gateway);
  gateway::ServeCommand serve(program);
  return program.run(argc, argv);
}

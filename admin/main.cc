#include "admin/commands.h"
#include "common/cli/program.h"

int main(int argc, char** argv) {
  tally::cli::Program program("tally-admin", "Accounts, money and proof of a Tally marketplace.", tally::Role::admin);
  tally::admin::add_commands(program);
  return program.run(argc, argv);
}

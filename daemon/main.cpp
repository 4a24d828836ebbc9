// The binary's entry; what it can do is in cli/.
#include <cstdio>
#include <exception>

#include "cli/commands.hpp"

int main(int argc, char** argv) {
  try {
    return trainstop::cli::main(argc, argv);
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "trainstop: internal error: %s\n", bug.what());
    return trainstop::cli::kBug;
  }
}

#include "cli/interrupt.hpp"

#include <csignal>

namespace trainstop::cli {

namespace {

volatile std::sig_atomic_t has_come = 0;

}  // namespace

void catch_signals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { has_come = 1; };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return has_come != 0;
}

}  // namespace trainstop::cli

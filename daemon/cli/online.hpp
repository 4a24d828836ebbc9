// What the accounts' APIs say to a configuration, for whoever does not want it printed.
#pragma once

#include <functional>
#include <string>

#include "policy/config.hpp"

namespace trainstop::cli {

struct Finding {
  std::string account;  ///< empty: it is about none
  bool wrong = false;
  std::string message;  ///< `clock: agrees with the API's`
};
using Tell = std::function<void(const Finding&)>;

/// As check_online() of the configuration alone, but tells each finding instead of printing it.
int check_online(const policy::Config& config, const Tell& tell);

}  // namespace trainstop::cli

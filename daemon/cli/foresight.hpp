// What other rules would do, as `reload` and `check --live` show it.
#pragma once

#include <boost/json/value.hpp>

#include "cli/client.hpp"

namespace trainstop::cli {

/// The answer's sentence and the jobs that would be stopped or warned.
void print_foresight(const boost::json::value& answer);

/// The same as failed(), with the problems of a configuration that was refused, and its exit code.
int configuration_failed(const Asked& asked);

}  // namespace trainstop::cli

// The head of `status`: mode, API, jobs, breaker, what holds stops, journal and next due; and what
// would be stopped by rules that only observe.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "cli/screen.hpp"

namespace trainstop::cli {

std::string show_header(const boost::json::object& status, const Screen& screen);

/// Empty where the daemon enforces and no job is over a rule that observes.
std::string show_over(const boost::json::object& status, const Screen& screen);

}  // namespace trainstop::cli

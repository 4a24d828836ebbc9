// `explain` for people: the daemon's answer, and what the journal tells of the job.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "cli/screen.hpp"
#include "journal/reader.hpp"

namespace trainstop::cli {

std::string show_explain(const boost::json::object& explained, const Screen& screen);

/// Why a job was stopped or was not, by its events; empty without one that matters.
std::string upshot_of(const std::vector<journal::Entry>& events);

/// The upshot, the evidence of that time, and what rules and stops have done.
std::string show_history(const std::vector<journal::Entry>& events, Instant now,
                         const Screen& screen);

}  // namespace trainstop::cli

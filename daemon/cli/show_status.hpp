// `status` for people: a screen full of it, and the agenda.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "cli/screen.hpp"
#include "cli/table.hpp"
#include "model/time.hpp"

namespace trainstop::cli {

/// The whole answer. Without `most_jobs` as many as the screen has rows for.
std::string show_status(const boost::json::object& status, const Screen& screen,
                        std::optional<std::size_t> most_jobs = {});

/// What is to happen within that time, in the order of time.
std::string show_agenda(const boost::json::object& status, Duration within, const Screen& screen);

/// What keeps a job's stop from leaving, or how far it is.
Cell state_of(const boost::json::object& job);

/// Whether anything keeps jobs from being protected as they are meant to be.
bool is_impaired(const boost::json::object& status);

}  // namespace trainstop::cli

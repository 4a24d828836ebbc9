// An after-image: what is now true of one thing that the daemon must still know after a restart.
// The core makes images, the journal keeps them, recovery feeds them back; nobody in between looks
// inside.
#pragma once

#include <cstdint>
#include <string>

#include "model/event.hpp"

namespace trainstop {

struct Image {
  /// What it is an image of. The numbers are on disk: never change one, never use one again. They
  /// are also the order in which images are fed back, so that what others refer to comes first.
  enum class Kind : std::uint8_t {
    run = 1,         ///< one life of the process: clock, boot, version; key: its start
    config = 2,      ///< a configuration that was loaded: canonical text; key: its hash
    clock = 3,       ///< UTC minus the daemon's line; key: empty
    account = 4,     ///< what is known of an account beside its jobs; key: its name
    polls = 5,       ///< a run of successful lists: first, last, count; key: account/first
    price = 6,       ///< one price from an instant on; key: account/type/instant
    breaker = 7,     ///< key: empty
    job = 8,         ///< key: account/project id/job id
    rule = 9,        ///< what a rule has told of a job; key: the job's, and the rule's name
    stop = 10,       ///< an open stop; key: the job's
    bill = 11,       ///< what a job that is not kept any more has cost; key: the job's
    pot = 12,        ///< one group under one budget; key: the rule's name and the group
    invoice = 13,    ///< what the invoice says of one day's jobs; key: account/date
    override_ = 14,  ///< what a person has changed, until it ends; key: its id
    outbox = 15,     ///< what a sink is still to be told; key: the sink's name and a number
  };
  enum class Change : std::uint8_t {
    put,    ///< appended, and from now on the present one of its key
    amend,  ///< takes the place of the present one of its key; appended when there is none
    close,  ///< there is none of this key any more; what was appended remains. A body that is not
            ///< empty is appended first
  };

  Kind kind = Kind::job;
  Change change = Change::put;
  std::string key;
  Value::Object body;
  bool operator==(const Image&) const = default;
};

}  // namespace trainstop

"""Queues: how long work waits at a resource that is busy for a given share of its time.

Formulas only; none reads a model. They serve what-ifs, as ratios applied to an observed queue, and
never replace an observed value. Times come back in the unit of the service time. Where a formula is
rational the result is exact; where it is not, it is a float.
"""

from __future__ import annotations

from math import exp, sqrt

from orgdiag.partial.quantity import Number, ratio


def queue_wait(
    utilisation: Number,
    service: Number = 1,
    servers: int = 1,
    arrival_variation: Number = 1,
    service_variation: Number = 1,
) -> Number | float | None:
    """The mean wait in front of a resource (M07).

    Definition: with one server Kingman's VUT equation, W = ρ/(1−ρ) · (Ca²+Cs²)/2 · S; with c
    servers Sakasegawa's approximation, W = (Ca²+Cs²)/2 · ρ^(√(2(c+1)) − 1) / (c(1−ρ)) · S. The
    "−1" stands in the exponent; a variant in circulation has it outside and is wrong.

    Range: 0 to unbounded. None when utilisation is 1 or more: there is no steady state.

    Args:
        utilisation: ρ, the share of its time that the resource is busy.
        service: S, the mean time of one item.
        servers: c, how many work side by side.
        arrival_variation: Ca², the squared coefficient of variation between arrivals.
        service_variation: Cs², the same of service times. Both default to 1, a convention.

    Source: Kingman 1961; Sakasegawa 1977.

    >>> queue_wait(ratio(9, 10))
    9
    >>> queue_wait(ratio(8, 10), 2, service_variation=ratio(1, 2))
    6
    >>> round(queue_wait(ratio(8, 10), servers=2), 3)
    1.809
    >>> queue_wait(1) is None
    True
    """
    if utilisation >= 1:
        return None
    variation = ratio(arrival_variation + service_variation, 2)
    if servers == 1:
        return ratio(utilisation * variation * service, 1 - utilisation)
    exponent = sqrt(2 * (servers + 1)) - 1
    busy: float = float(utilisation) ** exponent / (servers * (1 - float(utilisation)))
    return float(variation) * busy * float(service)


def waiting_probability(load: Number | float, servers: int) -> float:
    """The probability that an arriving item has to wait (Erlang C).

    Definition: Erlang B by its recursion, B(k) = aB(k−1) / (k + aB(k−1)), which forms no factorial
    and so holds for any number of servers; C = B / (1 − ρ(1 − B)) with ρ = a/c. Range: 0 to 1;
    1 when the load reaches the number of servers.

    Args:
        load: a, arrivals per unit of time × mean service time.
        servers: c, how many work side by side.

    Source: Erlang 1917.

    >>> round(waiting_probability(48, 55), 6)
    0.238701
    >>> waiting_probability(2, 2)
    1.0
    """
    if load >= servers:
        return 1.0
    offered, blocked = float(load), 1.0
    for count in range(1, servers + 1):
        blocked = offered * blocked / (count + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def exact_queue_wait(
    load: Number | float, servers: int, service: Number | float = 1
) -> float | None:
    """The mean wait of a queue with random arrivals and exponential service (M/M/c).

    Definition: W = C(c, a) · S / (c − a). Range: 0 to unbounded; None when the load reaches the
    number of servers. Source: Erlang 1917; the yardstick for the approximation in `queue_wait`.

    >>> round(exact_queue_wait(ratio(16, 10), 2), 3)
    1.778
    """
    if load >= servers:
        return None
    return waiting_probability(load, servers) * float(service) / (servers - float(load))


def answered_within(
    limit: Number | float, load: Number | float, servers: int, service: Number | float = 1
) -> float:
    """The share of items whose wait in an M/M/c queue is at most `limit`.

    Definition: 1 − C(c, a) · e^(−(c − a) · limit / S). Range: 0 to 1; 0 without a steady state.

    Source: Erlang 1917.

    >>> round(answered_within(15, 48, 55, 240), 4)
    0.8459
    """
    if load >= servers:
        return 0.0
    rate = (servers - float(load)) / float(service)
    return 1 - waiting_probability(load, servers) * exp(-rate * float(limit))


def number_present(arrivals: Number, time: Number) -> Number:
    """The mean number of items that are present: arrivals per unit of time × time (Little's law).

    Range: 0 to unbounded. Holds for any stable system, whatever its order or distributions.

    Source: Little 1961.

    >>> number_present(24, ratio(1, 6))
    4
    """
    return ratio(arrivals * time, 1)


def cadence_wait(every: Number) -> Number:
    """The mean wait for the next opening of a gate that opens at a fixed interval (M05).

    Definition: half the interval, for arrivals that do not know the gate; at worst a whole one.

    >>> cadence_wait(10)
    5
    """
    return ratio(every, 2)

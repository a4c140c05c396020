using System.Diagnostics.Metrics;
using Laurel.Engine.Telemetry;
using Laurel.Membership.Levels;
using Laurel.Membership.Points;
using Laurel.Membership.Watch;

namespace Laurel.Membership;

/// <summary>Counts what happened to members. Told of rows that are committed and of nothing else, so a refusal, a repeat and a
/// batch that was tried again count nothing. Names are those of the seed documents.</summary>
internal static class MembershipMetrics
{
    private static readonly Counter<long> s_registrations = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_registration_total", "{member}", "Members registered.");

    private static readonly Counter<long> s_upgrades = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_level_upgrade_total", "{change}", "Members who rose to a higher level.");

    private static readonly Counter<long> s_downgrades = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_level_downgrade_total", "{change}", "Members who fell to a lower level.");

    private static readonly Counter<long> s_movements = LaurelTelemetry.Meter.CreateCounter<long>(
        "points_transactions_total", "{entry}", "Entries of points, by record type.");

    private static readonly Counter<long> s_earned = LaurelTelemetry.Meter.CreateCounter<long>(
        "points_earned_total", "{point}", "Points that members earned, by record type.");

    private static readonly Counter<long> s_used = LaurelTelemetry.Meter.CreateCounter<long>(
        "points_used_total", "{point}", "Points that members spent, by record type.");

    private static readonly Counter<long> s_expired = LaurelTelemetry.Meter.CreateCounter<long>(
        "points_expired_total", "{point}", "Points that lapsed.");

    private static readonly Counter<long> s_reversed = LaurelTelemetry.Meter.CreateCounter<long>(
        "points_reversed_total", "{point}", "Points taken back after a refund.");

    private static readonly Counter<long> s_ruleFailures = LaurelTelemetry.Meter.CreateCounter<long>(
        "points_rule_failures_total", "{event}", "Events for which a rule paid nothing because an expression of it failed, by rule.");

    private static readonly Counter<long> s_watchHits = LaurelTelemetry.Meter.CreateCounter<long>(
        "watch_hits_total", "{hit}", "Hits of watch rules, by rule and action.");

    private static readonly Counter<long> s_watchDecisions = LaurelTelemetry.Meter.CreateCounter<long>(
        "watch_decisions_total", "{case}", "Watch cases that somebody decided, by rule and status.");

    /// <summary>An expression of a rule failed on an event: told at once, for it must not go unnoticed.</summary>
    public static void RuleFailed(string rule) => s_ruleFailures.Add(1, new KeyValuePair<string, object?>("rule", rule));

    public static void Count(IReadOnlyList<Entry> committed)
    {
        if (!s_movements.Enabled)
        {
            return;
        }

        foreach (var entry in committed)
        {
            if (entry.Unit == EntryNames.Points)
            {
                Count(entry);
            }
        }
    }

    public static void Count(IReadOnlyList<WatchChange> committed)
    {
        foreach (var change in committed)
        {
            if (change.Kind == WatchChange.Hit)
            {
                s_watchHits.Add(1, new("rule", change.Case.Rule), new("action", WatchRules.NameOf(change.Case.Action)));
            }
            else if (change.Case.IsDecided)
            {
                s_watchDecisions.Add(1, new("rule", change.Case.Rule), new("status", WatchCase.NameOf(change.Case.Status)));
            }
        }
    }

    public static void Count(IReadOnlyList<LevelChange> committed)
    {
        foreach (var change in committed)
        {
            if (change.From is not { } from)
            {
                s_registrations.Add(1);
                continue;
            }

            if (from == change.To)
            {
                continue;
            }

            var counter = change.Rises ? s_upgrades : s_downgrades;
            KeyValuePair<string, object?> left = new("from_level", from), reached = new("to_level", change.To);
            if (change.Track is { } track)
            {
                counter.Add(1, left, reached, new("track", track));
            }
            else
            {
                counter.Add(1, left, reached);
            }
        }
    }

    private static void Count(Entry entry)
    {
        var type = new KeyValuePair<string, object?>("type", EntryNames.TypeOf(entry.Kind, entry.Rule, entry.ReferenceType));
        s_movements.Add(1, type);
        switch (entry.Kind)
        {
            case EntryNames.Earn:
                s_earned.Add(entry.Amount, type);
                break;
            case EntryNames.Spend:
                s_used.Add(-entry.Amount, type);
                break;
            case EntryNames.Expire:
                s_expired.Add(-entry.Amount);
                break;
            case EntryNames.Reverse:
                s_reversed.Add(-entry.Amount);
                break;
            default:
                // Adjustments, transfers and repayments may have either sign, which a counter cannot; their entries are counted.
                break;
        }
    }
}

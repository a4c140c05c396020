using System.CommandLine;
using System.Text;
using System.Text.Json;
using Laurel.Kernel;
using Laurel.Membership;
using Laurel.Membership.Programmes;
using Laurel.Membership.Watch;
using Laurel.Platform.Http;
using Laurel.Server.Hosting;
using Spectre.Console;

namespace Laurel.Server.Verbs;

/// <summary><c>watch replay</c>: what watch rules would have hit in stored history.</summary>
internal static class WatchVerb
{
    private static readonly Option<Instant?> s_from = InstantOption("--from", "The first business time, such as 2026-11-21T00:00:00Z (default from ever).");

    private static readonly Option<Instant?> s_until = InstantOption("--until", "Up to this business time, itself left out (default for ever).");

    private static readonly Option<string[]> s_rules = new("--rule")
    {
        Description = "Only this rule; may be given again (default all that can be replayed, active or not).",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> s_json = new("--json") { Description = "Writes JSON instead of a table." };

    public static Command Create()
    {
        var replay = new Command("replay", "Tells what watch rules would have hit between two times. Changes nothing.")
        {
            s_from, s_until, s_rules, s_json, VerbOptions.Tenant,
        };
        replay.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => RunAsync(parsed, settings, cancellationToken)));
        return new Command("watch", "What is unusual.") { replay };
    }

    private static async Task<int> RunAsync(ParseResult parsed, LaurelSettings settings, CancellationToken cancellationToken)
    {
        var (from, until) = (parsed.GetValue(s_from) ?? Instant.Earliest, parsed.GetValue(s_until) ?? Instant.Never);
        if (from >= until)
        {
            await Console.Error.WriteLineAsync("laurel: --until is after --from.");
            return 2;
        }

        await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
        var tenant = await VerbOptions.TenantAsync(parsed, node, cancellationToken);
        var programme = await new ProgrammeStore(node.Database, node.Programmes, TimeProvider.System).ReadAsync(tenant, cancellationToken);
        var named = parsed.GetValue(s_rules) is { Length: > 0 } codes ? codes : null;
        if (named?.FirstOrDefault(code => programme.Watch.All(rule => rule.Code != code)) is { } unknown)
        {
            await Console.Error.WriteLineAsync($"laurel: the programme has no watch rule '{unknown}'; it has: {string.Join(", ", programme.Watch.Select(rule => rule.Code))}.");
            return 2;
        }

        var wanted = programme.Watch.Where(rule => named is null || named.Contains(rule.Code)).ToList();
        var history = new WatchHistory(node.Database, tenant, programme);
        var results = new List<WatchReplayReply>();
        foreach (var rule in wanted.Where(WatchHistory.CanReplay))
        {
            results.Add(await ImportProgress.ShowOneAsync(rule.Code, task => history.ReplayAsync(rule, from, until, new TaskProgress(task), cancellationToken)));
        }

        await WriteAsync(results, wanted.Where(rule => !WatchHistory.CanReplay(rule)).Select(rule => rule.Code), parsed.GetValue(s_json));
        return 0;
    }

    private static async Task WriteAsync(List<WatchReplayReply> results, IEnumerable<string> left, bool asJson)
    {
        if (asJson)
        {
            foreach (var result in results)
            {
                Console.WriteLine(JsonSerializer.Serialize(result, MembershipJson.Default.WatchReplayReply));
            }

            return;
        }

        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("Rule").NoWrap());
        table.AddColumns("Movements", "Hits", "Members hit", "of", "First hit", "Last hit");
        foreach (var one in results)
        {
            table.AddRow(
                one.Rule, $"{one.Movements:N0}", $"{one.Hits:N0}", $"{one.MembersHit:N0}", $"{one.Members:N0}", $"{one.FirstHitAt:u}", $"{one.LastHitAt:u}");
        }

        AnsiConsole.Write(table);
        foreach (var code in left)
        {
            await Console.Error.WriteLineAsync($"laurel: {code} goes by devices, addresses or invitations, which entries do not tell; it is left out.");
        }
    }

    private static Option<Instant?> InstantOption(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var instant))
            {
                return instant;
            }

            result.AddError($"{name} is an instant such as 2026-11-21T00:00:00Z, not '{text}'.");
            return null;
        },
    };
}

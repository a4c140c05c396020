using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Laurel.Engine.Nodes;
using Laurel.Kernel;
using Laurel.Membership.DataKeys;
using Laurel.Platform.Vault;
using Laurel.Server.Hosting;
using Spectre.Console;
using Applied = Laurel.Engine.Lanes.Outcome.Applied;
using LaneCommand = Laurel.Engine.Lanes.Command;

namespace Laurel.Server.Verbs;

/// <summary><c>vault check|add|use|rewrap|drop|renew|renew-members</c>: the master keys, what is sealed under each, and the keys of members.</summary>
internal static class VaultVerb
{
    private static readonly Argument<string> s_id = new("id") { Description = "The id of a master key." };

    private static readonly Option<long?> s_member = new("--member") { Description = "The id of the only member to be given a new key." };

    public static Command Create()
    {
        var check = new Command("check", "Counts what is under each master key; exit code 1 while something is under another than the current one.");
        check.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => CheckAsync(settings, cancellationToken)));
        var add = new Command("add", "Draws a master key and puts it behind the others: nodes that start know it.") { s_id };
        add.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => ChangeAsync(
            settings,
            changes => changes.AddAsync(parsed.GetRequiredValue(s_id), cancellationToken),
            "Start every node again, then: laurel vault use " + parsed.GetValue(s_id))));
        var use = new Command("use", "Puts a master key in front: nodes that start seal under it.") { s_id };
        use.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => UseAsync(settings, parsed.GetRequiredValue(s_id), cancellationToken)));
        var rewrap = new Command("rewrap", "Puts everything under the current master key now, as a server's job does by itself.");
        rewrap.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => RewrapAsync(settings, cancellationToken)));
        var drop = new Command("drop", "Takes a master key away that nothing is under any more.") { s_id };
        drop.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => DropAsync(settings, parsed.GetRequiredValue(s_id), cancellationToken)));
        var renew = new Command("renew", "Has the key service close the master keys anew: after its own key was rotated, or where they stand in the open.");
        renew.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => ChangeAsync(
            settings,
            async changes => Console.WriteLine($"{await changes.RenewAsync(cancellationToken)} keys were closed anew."),
            "Running nodes have the keys in memory and need not be started again.")));
        var renewMembers = new Command("renew-members", "Gives the members of a tenant, or one of them, new data keys.") { VerbOptions.Tenant, s_member };
        renewMembers.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => RenewMembersAsync(settings, parsed, cancellationToken)));
        return new Command("vault", "The master keys, under which everything personal and secret is sealed.") { check, add, use, rewrap, drop, renew, renewMembers };
    }

    private static async Task<int> CheckAsync(LaurelSettings settings, CancellationToken cancellationToken)
    {
        await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
        var (keys, surveys) = (node.Keys, await SurveyAsync(node, cancellationToken));
        var others = keys.Ids.Where(id => id != keys.CurrentId).Order(StringComparer.Ordinal).ToList();
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns(["column", $"{keys.CurrentId} (current)", .. others, "no key here"]);
        foreach (var survey in surveys)
        {
            table.AddRow([survey.Column.Code, Show(survey.ByKey[keys.CurrentId]), .. others.Select(id => Show(survey.ByKey[id])), Show(survey.Unknown)]);
        }

        AnsiConsole.Write(table);
        foreach (var id in others)
        {
            var left = LeftUnder(id, surveys);
            Console.WriteLine(left == 0
                ? $"Nothing is under '{id}': laurel vault drop {id}, and start every node again."
                : $"{Show(left)} values are under '{id}': it may not be dropped. The job 'rewrap' goes on every minute.");
        }

        var unknown = surveys.Sum(survey => survey.Unknown);
        if (unknown > 0)
        {
            Console.WriteLine($"{Show(unknown)} values are under keys that are not here: nobody can read them until the key is put back.");
        }

        var behind = MasterKeyAgreement.SealingUnderOthers(keys.CurrentId, await LiveNode.AllAsync(node.Database, cancellationToken));
        foreach (var one in behind)
        {
            Console.WriteLine($"The node {one.Holder} seals under '{one.MasterKeyIds[0]}' until it is started again.");
        }

        return unknown == 0 && behind.Count == 0 && others.TrueForAll(id => LeftUnder(id, surveys) == 0) ? 0 : 1;
    }

    private static async Task<int> RewrapAsync(LaurelSettings settings, CancellationToken cancellationToken)
    {
        await using var node = await LaurelNode.OpenAsync(settings, "vault rewrap", TimeProvider.System, new LoggerFactory(), cancellationToken);
        Console.WriteLine($"{Show(await node.Rewrap().RunAsync(isAsked: true, cancellationToken))} values were put under '{node.Keys.CurrentId}'.");
        return 0;
    }

    private static async Task<int> RenewMembersAsync(LaurelSettings settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var node = await LaurelNode.OpenAsync(settings, "vault renew-members", TimeProvider.System, new LoggerFactory(), cancellationToken);
        var tenant = await VerbOptions.TenantAsync(parsed, node, cancellationToken);
        LaneCommand asked = parsed.GetValue(s_member) is { } member
            ? new RenewDataKey(tenant, new MemberId(member), isAsked: true, node.Books)
            : new AskDataKeyRenewal(tenant);
        if (await node.Lanes.SubmitAsync(asked, cancellationToken) is not Applied applied)
        {
            Console.Error.WriteLine("Nothing was renewed: there is no such member, or nothing can be written.");
            return 1;
        }

        var renewed = applied.Reply is DataKeyReceipt receipt
            ? receipt.Renewed ? 1 : 0
            : await new DataKeyRenewals(node.Database, node.Lanes, node.Books).RunAsync(null, cancellationToken);
        Console.WriteLine($"{Show(renewed)} members have new data keys. Backups taken before hold the old ones.");
        return 0;
    }

    private static async Task<int> UseAsync(LaurelSettings settings, string id, CancellationToken cancellationToken)
    {
        await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
        var without = MasterKeyAgreement.WithoutKey(id, await LiveNode.AllAsync(node.Database, cancellationToken));
        return without.Count > 0
            ? throw new MasterKeysUnreadableException($"The node {without[0].Holder} has not the key '{id}' and could not open what is sealed under it: start it again first.")
            : await ChangeAsync(settings, changes => changes.UseAsync(id), "Start every node again; the job 'rewrap' does the rest.");
    }

    // A process like the nodes: with SQLite the server is stopped, for nobody could ask it which key it seals under.
    private static async Task<int> DropAsync(LaurelSettings settings, string id, CancellationToken cancellationToken)
    {
        await using var node = await LaurelNode.OpenAsync(settings, "vault drop", TimeProvider.System, new LoggerFactory(), cancellationToken);
        if (id == node.Keys.CurrentId)
        {
            throw new MasterKeysUnreadableException($"'{id}' is the current key; put another one in front first.");
        }

        var sealing = (await LiveNode.AllAsync(node.Database, cancellationToken)).FirstOrDefault(one => one.MasterKeyIds.FirstOrDefault() == id);
        if (sealing is not null)
        {
            throw new MasterKeysUnreadableException($"'{id}' is the key that {sealing.Holder} seals under: start that node again after 'laurel vault use'.");
        }

        return LeftUnder(id, await SurveyAsync(node, cancellationToken)) is > 0 and var left
            ? throw new MasterKeysUnreadableException($"{Show(left)} values are under '{id}': whoever drops it loses them. laurel vault check shows which.")
            : await ChangeAsync(settings, changes => changes.DropAsync(id), "Start every node again. Backups taken before need the key: keep it with them.");
    }

    private static async Task<int> ChangeAsync(LaurelSettings settings, Func<MasterKeyChanges, Task> change, string next)
    {
        if (settings.MasterKeys is not null)
        {
            throw new MasterKeysUnreadableException("The keys are in LAUREL_MASTER_KEYS and are changed where that is set.");
        }

        using var random = RandomNumberGenerator.Create();
        await change(new MasterKeyChanges(settings.DataFolder, settings.MasterKeyGuard, random));
        Console.WriteLine(next);
        return 0;
    }

    private static Task<IReadOnlyList<ColumnSurvey>> SurveyAsync(LaurelNode node, CancellationToken cancellationToken) =>
        VaultSurvey.RunAsync(node.Database, node.Keys, LaurelNode.SealedColumns, cancellationToken);

    private static long LeftUnder(string id, IReadOnlyList<ColumnSurvey> surveys) => surveys.Sum(survey => survey.ByKey.GetValueOrDefault(id));

    private static string Show(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

using System.CommandLine;
using System.CommandLine.Parsing;
using Laurel.Identity.ApiKeys;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Server.Hosting;
using Spectre.Console;

namespace Laurel.Server.Verbs;

/// <summary><c>keys list|create|revoke</c>: API keys for whoever has the database, as when the administrator's key is lost.</summary>
internal static class KeysVerb
{
    private static readonly Option<string> s_name = new("--name") { Description = "What the key is called.", DefaultValueFactory = _ => "administrator" };

    private static readonly Option<string[]> s_scopes = new("--scope")
    {
        Description = "A permission, read:all, update:all, delete:all or *; may be given again, or as a list with commas (default *).",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = ReadScopes,
    };

    private static readonly Argument<long> s_id = new("id") { Description = "As list shows it." };

    public static Command Create()
    {
        var list = new Command("list", "Shows the keys; never a secret.") { VerbOptions.Tenant };
        list.SetAction((parsed, cancellationToken) => WithKeysAsync(parsed, "keys list", async (keys, tenant) =>
        {
            Show(await keys.ListAsync(tenant, cancellationToken));
            return 0;
        }, cancellationToken));
        var create = new Command("create", "Makes a key and shows it once.") { s_name, s_scopes, VerbOptions.Tenant };
        create.SetAction((parsed, cancellationToken) => WithKeysAsync(parsed, "keys create", async (keys, tenant) =>
        {
            var scopes = parsed.GetValue(s_scopes) is { Length: > 0 } given ? given : [Grants.Everything];
            var (id, secret, refusal) = await keys.CreateAsync(tenant, parsed.GetRequiredValue(s_name), scopes, cancellationToken);
            Console.WriteLine(secret is null ? "" : $"{secret}\nKey {id}, shown only now: it is stored as a hash.");
            return await ToldAsync(refusal);
        }, cancellationToken));
        var revoke = new Command("revoke", "Ends a key for good.") { s_id, VerbOptions.Tenant };
        revoke.SetAction((parsed, cancellationToken) => WithKeysAsync(parsed, "keys revoke", async (keys, tenant) =>
            await ToldAsync(await keys.RevokeAsync(tenant, parsed.GetRequiredValue(s_id), cancellationToken)), cancellationToken));
        return new Command("keys", "API keys.") { list, create, revoke };
    }

    private static Task<int> WithKeysAsync(ParseResult parsed, string verb, Func<ApiKeyConsole, TenantId, Task<int>> work, CancellationToken cancellationToken) =>
        VerbOptions.RunAsync(parsed, async settings =>
        {
            await using var node = await LaurelNode.OpenAsync(settings, verb, TimeProvider.System, new LoggerFactory(), cancellationToken);
            return await work(new ApiKeyConsole(node.Database, node.Lanes, node.Secrets), await VerbOptions.TenantAsync(parsed, node, cancellationToken));
        });

    private static async Task<int> ToldAsync(Refusal? refusal)
    {
        if (refusal is null)
        {
            return 0;
        }

        await Console.Error.WriteLineAsync("laurel: " + ErrorCatalog.Get(refusal.Code).Detail(Language.English, refusal.Values));
        return 2;
    }

    private static void Show(IReadOnlyList<ApiKeyConsole.Line> keys)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("Id").NoWrap());
        table.AddColumns("Name", "Scopes", "Expires", "Revoked", "Last used");
        foreach (var key in keys)
        {
            table.AddRow(key.Id, Markup.Escape(key.Name), Markup.Escape(key.Scopes), $"{key.ExpiresAt:u}", $"{key.RevokedAt:u}", $"{key.LastUsedAt:u}");
        }

        AnsiConsole.Write(table);
    }

    private static string[] ReadScopes(ArgumentResult result)
    {
        var scopes = result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)).Distinct().ToArray();
        foreach (var unknown in scopes.Where(scope => !Grants.IsKnown(scope)))
        {
            result.AddError($"--scope knows no '{unknown}'; known are: *, read:all, update:all, delete:all, {string.Join(", ", Permission.All)}.");
        }

        return scopes;
    }
}

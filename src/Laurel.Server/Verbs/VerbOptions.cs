using System.CommandLine;
using Laurel.Engine.Migrations;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Platform.Tenants;
using Laurel.Server.Hosting;
using Microsoft.Data.Sqlite;

namespace Laurel.Server.Verbs;

/// <summary>A verb was asked to work for a tenant that is not there.</summary>
public sealed class TenantUnknownException(string code) : Exception($"There is no tenant '{code}'; --tenant is the code of one.");

/// <summary>The options that every verb takes, and how each of them begins.</summary>
public static class VerbOptions
{
    public static readonly Option<string?> Data = new("--data")
    {
        Description = "Folder of the SQLite file, the keys and the lock (default ./data, or LAUREL_DATA).",
        Recursive = true,
    };

    public static readonly Option<string?> Urls = new("--urls")
    {
        Description = $"Where the server listens (default {LaurelSettings.DefaultUrls}, or LAUREL_URLS).",
        Recursive = true,
    };

    public static readonly Option<string?> Roles = new("--roles")
    {
        Description = "What a server does: a list of api, worker and outbox (default all, or LAUREL_ROLES).",
        Recursive = true,
    };

    /// <summary>For verbs that work for one tenant; not for all.</summary>
    public static readonly Option<string?> Tenant = new("--tenant") { Description = "The code of the tenant it is about (default the installation's own)." };

    /// <summary>The tenant that the verb is about, its programme loaded into the node.</summary>
    /// <exception cref="TenantUnknownException">When there is no such tenant.</exception>
    public static async Task<TenantId> TenantAsync(ParseResult parsed, LaurelNode node, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Tenant) is not { } code)
        {
            return LaurelNode.DefaultTenant;
        }

        var tenants = await TenantQueries.AllAsync(node.Database, cancellationToken);
        var found = tenants.FirstOrDefault(tenant => tenant.Code == code) ?? throw new TenantUnknownException(code);
        await new ProgrammeStore(node.Database, node.Programmes, node.Clock).ReadAsync(found.Id, cancellationToken);
        return found.Id;
    }

    /// <summary>Reads the settings and runs the verb; mistakes and known troubles are told in one line each, exit code 2.</summary>
    public static async Task<int> RunAsync(ParseResult parsed, Func<LaurelSettings, Task<int>> verb)
    {
        var (settings, mistakes) = LaurelSettings.Read(parsed.GetValue(Data), parsed.GetValue(Urls), parsed.GetValue(Roles));
        if (settings is null)
        {
            foreach (var mistake in mistakes)
            {
                await Console.Error.WriteLineAsync("laurel: " + mistake);
            }

            return 2;
        }

        try
        {
            return await verb(settings);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB)
        {
            await Console.Error.WriteLineAsync(
                $"laurel: The database file {settings.SqliteFile} is damaged ({exception.Message}) Keep it, and restore the last backup: laurel restore.");
            return 2;
        }
        catch (Exception exception) when (exception is DataInUseException or TenantUnknownException or DatabaseAbsentException or TenantWallException or IOException
            or Platform.Vault.MasterKeysUnreadableException or System.Data.Common.DbException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync("laurel: " + exception.Message);
            return 2;
        }
    }
}

using System.Data.Common;
using Laurel.Testing;
using Microsoft.Data.Sqlite;

namespace Laurel.ServerTests.Backups;

/// <summary>A way past Laurel into a site's database, while nothing serves it.</summary>
internal static class SqlOf
{
    public static async Task<DbConnection> ConnectAsync(LaurelSite site, CancellationToken cancellationToken)
    {
        if (site.DatabaseUrl is { } url)
        {
            return site.Database == DatabaseUnderTest.MySql
                ? MySqlServer.Connect(url)
                : await PostgresCluster.ConnectAsync(url, cancellationToken);
        }

        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection($"Data Source={Path.Combine(site.DataFolder, "laurel.db")};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}

using Laurel.Engine.Lanes;
using Laurel.Server.Hosting;
using Laurel.Testing;

namespace Laurel.ServerTests.Hosting;

/// <summary>Opens the installations of tests without a process of their own.</summary>
internal static class NodesOfSites
{
    /// <summary>What a server of this site would read from its environment, and everything else as it is by default.</summary>
    public static LaurelSettings Settings(this LaurelSite site) => new()
    {
        DataFolder = site.DataFolder,
        Urls = LaurelSettings.DefaultUrls,
        Database = site.Database switch
        {
            DatabaseUnderTest.Sqlite => DatabaseKind.Sqlite,
            DatabaseUnderTest.Postgres => DatabaseKind.Postgres,
            DatabaseUnderTest.MySql => DatabaseKind.Mysql,
        },
        DatabaseUrl = site.DatabaseUrl?.AbsoluteUri,
        Cluster = new ClusterSettings { DatabaseRole = site.Environment.GetValueOrDefault("DATABASE_ROLE") },
        AdminKey = null,
        MasterKeys = null,
        Lanes = new LaneOptions(),
        Programme = stored => stored,
        SweepEvery = TimeSpan.FromHours(1),
    };
}

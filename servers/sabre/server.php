<?php
// sabre/dav on one SQLite file: the users of its table, a calendar home and an address book home for each.

// This version is older than the PHP that runs it, which has much to say about that.
error_reporting(E_ALL & ~E_DEPRECATED & ~E_WARNING & ~E_NOTICE & ~E_STRICT);
ini_set('display_errors', '0');
date_default_timezone_set('UTC');
require_once 'Sabre/autoload.php';

use Sabre\CalDAV;
use Sabre\CardDAV;
use Sabre\DAV;
use Sabre\DAVACL;

const REALM = 'SabreDAV';

class BasicOverDigests extends DAV\Auth\Backend\AbstractBasic
{
    private $database;

    public function __construct(PDO $database)
    {
        $this->database = $database;
    }

    protected function validateUserPass($user, $password)
    {
        $known = $this->database->prepare('select digesta1 from users where username = ?');
        $known->execute(array($user));
        return $known->fetchColumn() === md5("$user:" . REALM . ":$password");
    }
}

$database = new PDO('sqlite:' . getenv('SABRE_DB'));
$database->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$database->exec('pragma busy_timeout = 20000');
$database->exec('pragma synchronous = off');

$principals = new DAVACL\PrincipalBackend\PDO($database);
$server = new DAV\Server(array(
    new CalDAV\Principal\Collection($principals),
    new CalDAV\CalendarRootNode($principals, new CalDAV\Backend\PDO($database)),
    new CardDAV\AddressBookRoot($principals, new CardDAV\Backend\PDO($database)),
));
$server->setBaseUri('/');
$passwords = getenv('SABRE_AUTH') === 'digest' ? new DAV\Auth\Backend\PDO($database) : new BasicOverDigests($database);
$server->addPlugin(new DAV\Auth\Plugin($passwords, REALM));
$server->addPlugin(new CalDAV\Plugin());
$server->addPlugin(new CardDAV\Plugin());
$server->addPlugin(new DAVACL\Plugin());
$server->exec();
